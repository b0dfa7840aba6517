// A site on this machine for pages of tests: one program, and the files of TF.js's wasm backend under /wasm/.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

export interface Site {
  /** Ends in a slash. */
  address: string;
  close(): void;
}

const PAGE =
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>';
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** Pages with these may share memory between threads: TF.js's wasm backend then has some. */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/**
 * Serves `files` by their paths, such as `/page.js`, which is the program of every page. A page at `?isolated` is cross-origin
 * isolated.
 */
export async function serveSite(files: ReadonlyMap<string, Uint8Array>): Promise<Site> {
  const wasm = new URL('./', import.meta.resolve('@tensorflow/tfjs-backend-wasm'));
  const contentsOf = (path: string): Uint8Array | string | undefined => {
    if (path === '/') return PAGE;
    const isWasm = /^\/wasm\/[\w-]+\.wasm$/.test(path);
    return isWasm ? readFileSync(new URL(path.slice('/wasm/'.length), wasm)) : files.get(path);
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://site');
    const contents = contentsOf(pathname);
    const type = { 'content-type': TYPES[extname(pathname)] ?? 'text/html' };
    if (contents === undefined) response.writeHead(404).end();
    else response.writeHead(200, { ...type, ...(searchParams.has('isolated') && ISOLATED) }).end(contents);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
