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

/** Serves `files` by their paths, such as `/page.js`, which is the program of every page. */
export async function serveSite(files: ReadonlyMap<string, Uint8Array>): Promise<Site> {
  const wasm = new URL('./', import.meta.resolve('@tensorflow/tfjs-backend-wasm'));
  const contentsOf = (path: string): Uint8Array | string | undefined => {
    if (path === '/') return PAGE;
    const isWasm = /^\/wasm\/[\w-]+\.wasm$/.test(path);
    return isWasm ? readFileSync(new URL(path.slice('/wasm/'.length), wasm)) : files.get(path);
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://site').pathname;
    const contents = contentsOf(path);
    if (contents === undefined) response.writeHead(404).end();
    else response.setHeader('content-type', TYPES[extname(path)] ?? 'text/html').end(contents);
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
