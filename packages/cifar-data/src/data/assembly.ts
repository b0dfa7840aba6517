// Puts a data set together from whatever sources give its files. A file counts only once its SHA-256 is the official one.
import { CifarDataError } from '../errors.ts';
import type { BatchFile, Manifest } from './manifest.ts';
import { decodeRecords, encodeRecords, type RecordTarget } from './records.ts';
import type { CifarData, Split } from './split.ts';

/** SHA-256 in hexadecimal. */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;

export class Assembly {
  readonly #splits: Record<'train' | 'test', Split>;
  readonly #accepted = new Map<BatchFile, string>();

  constructor(
    readonly manifest: Manifest,
    readonly sha256: Sha256 = webSha256,
  ) {
    this.#splits = { train: emptySplit(manifest, 'train'), test: emptySplit(manifest, 'test') };
  }

  /** Files that no source has given yet. */
  missing(): BatchFile[] {
    return this.manifest.files.filter((file) => !this.#accepted.has(file));
  }

  /** Takes an official file. Decoding comes after the checksum, so nothing doubtful is ever taken apart. */
  async accept(file: BatchFile, bytes: Uint8Array<ArrayBuffer>, source: string): Promise<void> {
    await this.#check(file, bytes);
    decodeRecords(this.manifest, file, bytes, this.target(file));
    this.#accepted.set(file, source);
  }

  /** Takes images and labels that a source wrote into {@link target}, and gives the official file that they make. */
  async acceptTarget(
    file: BatchFile,
    source: string,
    scratch?: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = encodeRecords(this.manifest, file, this.target(file), scratch);
    await this.#check(file, bytes);
    this.#accepted.set(file, source);
    return bytes;
  }

  /** The part of the final arrays that belongs to one file. */
  target(file: BatchFile): RecordTarget {
    const { images, labels, coarseLabels } = this.#splits[file.split];
    const before = this.manifest.files.slice(0, this.manifest.files.indexOf(file));
    const first = before.reduce((sum, other) => sum + (other.split === file.split ? other.records : 0), 0);
    const last = first + file.records;
    const imageBytes = images.length / labels.length;
    return {
      images: images.subarray(first * imageBytes, last * imageBytes),
      labels: labels.subarray(first, last),
      coarseLabels: coarseLabels?.subarray(first, last),
    };
  }

  async #check(file: BatchFile, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const sha256 = await this.sha256(bytes);
    if (sha256 === file.sha256) return;
    throw new CifarDataError('verify', `SHA-256 of ${file.name} must be ${file.sha256}`, sha256, { code: 'checksum' });
  }

  finish(notices: CifarData['notices']): CifarData {
    const { name, classNames, coarseClassNames } = this.manifest;
    const sources = [...new Set(this.#accepted.values())];
    return { name, ...this.#splits, classNames, ...(coarseClassNames && { coarseClassNames }), sources, notices };
  }
}

function emptySplit(manifest: Manifest, split: BatchFile['split']): Split {
  const { files, height, width, classNames, coarseClassNames, normalization, labelBytes } = manifest;
  const count = files.reduce((sum, file) => sum + (file.split === split ? file.records : 0), 0);
  return {
    count,
    height,
    width,
    images: new Uint8Array(count * height * width * 3),
    labels: new Uint8Array(count),
    classNames,
    ...(labelBytes === 2 && coarseClassNames && { coarseLabels: new Uint8Array(count), coarseClassNames }),
    normalization,
  };
}

const webSha256: Sha256 = async (bytes) => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
};
