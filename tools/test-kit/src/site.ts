// Sites on this machine for pages of tests.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

export interface Site {
  /** Ends in a slash. */
  address: string;
  close(): void;
}

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Pages with these may share memory between threads: TF.js's wasm backend then has some. */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/**
 * Serves what `contentsOf` gives for a path such as `/page.js`, on 127.0.0.1; `/` is `/index.html`. A page at `?isolated` is
 * cross-origin isolated.
 */
export async function serveSite(contentsOf: (path: string) => Uint8Array | string | undefined): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://site');
    const path = pathname === '/' ? '/index.html' : pathname;
    const contents = contentsOf(path);
    const type = { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' };
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

const PAGE =
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>';

/** Serves a page with the program `/page.js`, which is one of `files`, and the files of TF.js's wasm backend under /wasm/. */
export function serveProgram(files: ReadonlyMap<string, Uint8Array>): Promise<Site> {
  const wasmFolder = new URL('./', import.meta.resolve('@tensorflow/tfjs-backend-wasm'));
  return serveSite((path) => {
    if (path === '/index.html') return PAGE;
    const file = /^\/wasm\/([\w-]+\.wasm)$/.exec(path)?.[1];
    const wasm = file && new URL(file, wasmFolder);
    return wasm && existsSync(wasm) ? readFileSync(wasm) : files.get(path);
  });
}
