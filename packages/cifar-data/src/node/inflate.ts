import { pipeline, Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import type { Chunks, Inflate } from '../formats/inflate.ts';

/** Node's zlib, whose garbage goes early: 13 MB at most for an archive for which DecompressionStream keeps 139 MB. */
export const nodeInflate: Inflate = (format, chunks) => {
  const inflated = format === 'gzip' ? createGunzip() : createInflate();
  // Errors of the source come out of `inflated` as well; that is where they are met.
  pipeline(Readable.from(chunks), inflated, () => {});
  return inflated as unknown as Chunks;
};
