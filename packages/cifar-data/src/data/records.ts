// The official binary format: per image its label bytes, then 1024 red, 1024 green and 1024 blue bytes.
import { CifarDataError } from '../errors.ts';
import { type BatchFile, fileBytes, type Manifest } from './manifest.ts';

/** Where the images of one file go: views of the arrays of a split. */
export interface RecordTarget {
  /** (records, height, width, 3) */
  images: Uint8Array;
  labels: Uint8Array;
  coarseLabels?: Uint8Array | undefined;
}

/** Takes a file apart. Refuses a wrong length and a label that names no class. */
export function decodeRecords(manifest: Manifest, file: BatchFile, bytes: Uint8Array, target: RecordTarget): void {
  const expected = fileBytes(manifest, file);
  if (bytes.length !== expected) {
    const code = bytes.length < expected ? 'truncated' : 'malformed';
    throw new CifarDataError('decodeRecords', `${file.name} must hold ${expected} bytes`, bytes.length, { code });
  }
  const { labelBytes } = manifest;
  const plane = manifest.height * manifest.width;
  const { images, labels, coarseLabels } = target;
  let from = 0;
  let to = 0;
  for (let record = 0; record < file.records; record++) {
    if (coarseLabels) coarseLabels[record] = bytes[from]!;
    labels[record] = bytes[from + labelBytes - 1]!;
    from += labelBytes;
    for (let pixel = 0; pixel < plane; pixel++) {
      images[to] = bytes[from]!;
      images[to + 1] = bytes[from + plane]!;
      images[to + 2] = bytes[from + 2 * plane]!;
      to += 3;
      from++;
    }
    from += 2 * plane;
  }
  checkLabels(file.name, labels, manifest.classNames.length);
  if (coarseLabels) checkLabels(file.name, coarseLabels, manifest.coarseClassNames!.length);
}

/** Puts a file together again, byte for byte as the official one. */
export function encodeRecords(
  manifest: Manifest,
  file: BatchFile,
  source: RecordTarget,
  bytes = new Uint8Array(fileBytes(manifest, file)),
): Uint8Array<ArrayBuffer> {
  const plane = manifest.height * manifest.width;
  let from = 0;
  let to = 0;
  for (let record = 0; record < file.records; record++) {
    if (source.coarseLabels) bytes[to++] = source.coarseLabels[record]!;
    bytes[to++] = source.labels[record]!;
    for (let pixel = 0; pixel < plane; pixel++) {
      bytes[to] = source.images[from]!;
      bytes[to + plane] = source.images[from + 1]!;
      bytes[to + 2 * plane] = source.images[from + 2]!;
      from += 3;
      to++;
    }
    to += 2 * plane;
  }
  return bytes;
}

/** Refuses a label that is no class number. */
export function checkLabels(fileName: string, labels: ArrayLike<number>, classes: number): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    const rule = `label ${i} of ${fileName} must be a whole number in [0, ${classes})`;
    throw new CifarDataError('checkLabels', rule, label, { code: 'label-out-of-range' });
  }
}
