// The npm package unpacked: its files in one folder, or shared out over several beside each other.
import { basename, join } from 'node:path';
import type { NpmArchive } from '../data/manifest.ts';
import type { TarFile } from '../formats/tar.ts';
import { readInto } from './cache.ts';
import type { FileLayer } from './files.ts';

/** The package's files that lie in the folder or in folders within it, each under its name in the package. */
export async function npmFilesIn(files: FileLayer, folder: string, npm: NpmArchive) {
  const paths = new Map<string, string>();
  for (const entry of await files.readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const inside = entry.isDirectory() ? await files.readdir(path) : [];
    for (const each of [path, ...inside.map((name) => join(path, name))]) paths.set(basename(each), each);
  }
  const names = [...new Set(npm.batches.flatMap(({ png, labels }) => [png, labels]))];
  const present = names.filter((name) => paths.has(basename(name)));
  // Without a picture it is some other folder.
  if (!npm.batches.some(({ png }) => present.includes(png))) return undefined;
  return filesAt(files, present, (name) => paths.get(basename(name))!);
}

async function* filesAt(files: FileLayer, names: string[], pathOf: (name: string) => string): AsyncGenerator<TarFile> {
  for (const name of names) {
    const path = pathOf(name);
    const { size } = await files.stat(path);
    const read = async (scratch?: Uint8Array<ArrayBuffer>) => {
      const bytes = scratch && scratch.length >= size ? scratch.subarray(0, size) : new Uint8Array(size);
      await readInto(files, path, bytes);
      return bytes;
    };
    yield { name, size, read };
  }
}
