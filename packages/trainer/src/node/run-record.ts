// The record of a run, runs/NAME/: what was asked for, what happened, where it stands, and what came of it.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { optionsOrNone } from '@stridelab/errors';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { firstDifference } from '../checkpoint.ts';
import { CheckpointError, checkOptions, checkPath, checkWholeNumber, TrainerError } from '../errors.ts';
import type { Evaluation } from '../evaluate.ts';
import type { Listener } from '../events.ts';
import { readStrides } from '../strides.ts';
import { type FileCheckpoints, fileCheckpoints } from './checkpoint-files.ts';
import { type Environment, environment } from './environment.ts';
import { removeScratch, SCRATCH, writeAtomically } from './files.ts';
import { lockFolder, unlockFolder } from './lock.ts';
import { type EndState, readLog, scalarsOf, stateOf } from './metrics-log.ts';
import { modelFiles } from './model-files.ts';
import { renderReport } from './report/render.ts';
import { responses } from './report/responses.ts';
import { type EventFile, tensorBoardFile } from './tensorboard.ts';

export interface RunOptions {
  /** Everything that is needed to run it again, as plain JSON. A folder holds runs of one configuration alone. */
  config: Record<string, unknown>;
  /**
   * `auto` (default): go on if the folder holds a run, begin one if it holds nothing. `always`: there must be a run
   * with a checkpoint. `never`: there must be none.
   */
  resume?: 'auto' | 'always' | 'never';
  /** Checkpoints to keep beside the best. Default 3. */
  keep?: number;
  /** Every how many steps one is in the log, beside the last of each epoch. Default 10. */
  logEvery?: number;
  /** What it computes on, in words for the record, as `device` of `openBackend` says it. */
  device?: string;
  /** Of what else the program is made of, for the record. */
  versions?: Record<string, string>;
}

export interface Run {
  readonly folder: string;
  /** Of its last training. `diverged`: it ended because its loss was no longer a number. `finished`: it came to its end. */
  readonly state: 'new' | EndState;
  readonly checkpoints: FileCheckpoints;
  /** Writes the log and TensorBoard's files: hand every event of `fit` to it. */
  readonly onEvent: Listener;
  /** Saves the model and writes the report; gives the places of both. */
  finish(model: LayersModel, results?: RunResults): Promise<{ model: string; report: string }>;
}

export interface RunResults {
  /** On images that took no part, with samples if the report shall show some. */
  evaluation?: Evaluation;
  classNames?: readonly string[];
  title?: string;
}

/**
 * Opens the folder of a run, or makes it. One that holds another run, or something else, or that another process trains in, is
 * refused and left as it is.
 */
export function openRun(folder: string, options: RunOptions): Run {
  checkPath('openRun', 'folder', folder);
  checkOptions('openRun', 'options', optionsOrNone(options), [
    'config',
    'resume',
    'keep',
    'logEvery',
    'device',
    'versions',
  ]);
  const { config: given, resume = 'auto', keep, logEvery = 10 } = optionsOrNone(options);
  if (Object(given) !== given || Array.isArray(given) || typeof given === 'function') {
    throw new TrainerError('openRun', 'config must be an object of plain JSON', given);
  }
  if (!['auto', 'always', 'never'].includes(resume)) {
    throw new TrainerError('openRun', "resume must be 'auto', 'always' or 'never'", resume);
  }
  checkWholeNumber('openRun', 'logEvery', logEvery, 1);
  const { device = '', versions = {} } = options;
  if (typeof device !== 'string') throw new TrainerError('openRun', 'device must be words', device);
  if (Object(versions) !== versions || !Object.values(versions).every((version) => typeof version === 'string')) {
    throw new TrainerError('openRun', 'versions must give a word to each name', versions);
  }
  const config = JSON.parse(JSON.stringify(given)) as Record<string, unknown>;
  const checkpoints = fileCheckpoints(join(folder, 'checkpoints'), { keep });
  const log = join(folder, 'metrics.jsonl');
  const isNew = !checkFolder(folder, config, resume);
  if (resume === 'always' && checkpoints.isEmpty) {
    throw new CheckpointError('openRun', `${checkpoints.folder} must hold a checkpoint`, []);
  }
  const state = isNew ? 'new' : stateOf(readLog(log));
  // A finished one is only looked at, which others may do at the same time.
  if (state !== 'finished') lockFolder(folder);
  if (isNew) {
    const record = { config, environment: environment(options) };
    writeAtomically(join(folder, 'config.json'), [`${JSON.stringify(record, undefined, 2)}\n`]);
  }
  let board: EventFile | undefined;
  let firstEpoch = 0;

  return {
    folder,
    state,
    checkpoints,
    onEvent(event) {
      lockFolder(folder);
      if (event.type === 'resume') firstEpoch = event.epoch;
      if (event.type === 'start') {
        removeScratch(folder);
        // What a killed process wrote after its last checkpoint will happen again.
        const kept = readLog(log).filter(
          (line) =>
            !('step' in line) || (line.step <= event.step && !(line.type === 'epoch' && line.epoch >= firstEpoch)),
        );
        writeAtomically(
          log,
          kept.map((line) => `${JSON.stringify(line)}\n`),
        );
        board = tensorBoardFile(join(folder, 'tensorboard'), event.step);
      }
      if (event.type === 'step' && event.step % logEvery !== 0 && event.batch !== event.batches) return;
      mkdirSync(folder, { recursive: true });
      // Until the log is written anew, at the start, it may end in half a line.
      const before = board ? '' : '\n';
      appendFileSync(log, `${before}${JSON.stringify({ ...event, time: new Date().toISOString() })}\n`);
      if (event.type === 'step' || event.type === 'epoch') board?.scalars(event.step, scalarsOf(event));
    },
    async finish(model, results = {}) {
      const target = join(folder, 'model');
      await model.save(modelFiles(target));
      const report = join(folder, 'report.html');
      const example = results.evaluation?.samples[0]?.shape ?? model.inputs[0]!.shape.slice(1);
      const record = readRecord(folder);
      const html = renderReport({
        ...results,
        title: results.title ?? basename(folder),
        config: record.config,
        environment: record.environment,
        events: readLog(log),
        strides: await readStrides(model, example),
        responses: await responses(model, example),
      });
      writeAtomically(report, [html]);
      unlockFolder(folder);
      return { model: target, report };
    },
  };
}

interface RunRecord {
  config: Record<string, unknown>;
  environment: Environment;
}

function readRecord(folder: string): RunRecord {
  try {
    return JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  } catch (error) {
    throw new CheckpointError('openRun', `${folder}/config.json must be JSON`, (error as Error).message);
  }
}

/** Whether the folder holds this run. Anything that must not be there is refused. */
function checkFolder(folder: string, config: Record<string, unknown>, resume: string): boolean {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith(SCRATCH)) : [];
  const holdsRun = names.includes('config.json');
  if (!holdsRun && names.length > 0) {
    throw new CheckpointError('openRun', `${folder} must be empty or hold a run`, names.slice(0, 5));
  }
  if (resume === 'always' && !holdsRun) throw new CheckpointError('openRun', `${folder} must hold a run`, names);
  if (resume === 'never' && holdsRun) throw new CheckpointError('openRun', `${folder} must not hold a run yet`, names);
  if (!holdsRun) return false;
  const difference = firstDifference(readRecord(folder).config, config);
  if (!difference) return true;
  const { path, wanted, found } = difference;
  const rule = `${folder} holds a run of another configuration: ${path} must be ${JSON.stringify(wanted) ?? 'left out'}`;
  throw new CheckpointError('openRun', rule, found);
}
