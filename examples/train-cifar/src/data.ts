// Images for a run: loaded under a progress bar, shared out, and in batches.
import {
  type BatchOptions,
  batches,
  type CifarData,
  loadCifar10,
  loadCifar100,
  type Progress,
  type Split,
  splitValidation,
  syntheticCifar,
} from '@stridelab/cifar-data';
import { residentSplit } from '@stridelab/cifar-data/tensors';
import type { EpochBatches, TrainingData } from '@stridelab/trainer';
import type { Places, Settings } from './settings.ts';
import type { StatusLine } from './status-line.ts';

/** At most: no more than are trained on at a time, which is what is known to fit into a GPU. */
const EVALUATION_BATCH = 250;

/** What is known of a data set before it is there. */
export const DATASETS = {
  'cifar-10': { inputShape: [32, 32, 3], classes: 10 },
  'cifar-100': { inputShape: [32, 32, 3], classes: 100 },
  synthetic: { inputShape: [16, 16, 3], classes: 10 },
} as const satisfies Record<Settings['dataset'], { inputShape: [number, number, number]; classes: number }>;

export async function loadData(
  { dataset, images, validation }: Settings,
  places: Places,
  status: StatusLine,
  signal: AbortSignal,
) {
  if (dataset === 'synthetic')
    return syntheticCifar({ train: images + validation, test: Math.ceil(images / 10) + 5, size: 16 });
  const { source, folder, cacheDir } = places;
  const onProgress = (progress: Progress) => status.show(`${dataset}: ${bar(progress)}`);
  const load = dataset === 'cifar-10' ? loadCifar10 : loadCifar100;
  try {
    return await load({
      ...(source && { source }),
      ...(folder && { folder }),
      ...(cacheDir && { cacheDir }),
      onProgress,
      signal,
    });
  } finally {
    status.clear();
  }
}

function bar({ phase, source, bytes, total }: Progress): string {
  const part = total > 0 ? Math.min(bytes / total, 1) : 1;
  const full = Math.round(30 * part);
  const megabytes = (count: number) => (count / 1e6).toFixed(0);
  return `[${'#'.repeat(full)}${'.'.repeat(30 - full)}] ${phase} (${source}), ${megabytes(bytes)} of ${megabytes(total)} MB`;
}

export interface RunData {
  training: TrainingData;
  test: EpochBatches;
  classNames: readonly string[];
  dispose(): void;
}

/** Batches of a run. On a GPU the images lie there, and only a few numbers a batch go to it. */
export function runData(
  data: CifarData,
  { images, validation, data: recipe, seed }: Settings,
  onGpu: boolean,
): RunData {
  const held: { dispose(): void }[] = [];
  const batchesOf = (split: Split): ((options: BatchOptions) => EpochBatches) => {
    if (!onGpu) return (options) => batches(split, options);
    const resident = residentSplit(split);
    held.push(resident);
    return (options) => resident.batches(options);
  };
  const { train, validation: apart } = chosen(data.train, images, validation, seed);
  const batchSize = Math.min(EVALUATION_BATCH, recipe.batchSize);
  const looking = { batchSize, shuffle: false, normalize: recipe.normalize };
  const trainBatches = batchesOf(train);
  return {
    training: {
      train: (epoch) => trainBatches({ ...recipe, seed, epoch }),
      ...(apart && { validation: batchesOf(apart)(looking) }),
    },
    test: batchesOf(data.test)(looking),
    classNames: data.classNames,
    dispose() {
      for (const resident of held) resident.dispose();
    },
  };
}

/** As many images of each class as of the others, and the validation images none of them. */
function chosen(split: Split, images: number, validation: number, seed: number): { train: Split; validation?: Split } {
  const parted = validation > 0 ? splitValidation(split, validation, seed) : { train: split };
  if (images === parted.train.count) return parted;
  return { ...parted, train: splitValidation(parted.train, images, seed).validation };
}
