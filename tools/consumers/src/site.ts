// A folder of files on a server of this machine, and pages of it in the Chromium that test-kit carries.
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { SOFTWARE_GPU, unpackChromium } from '@stridelab/test-kit/chromium';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

export interface OpenedPage {
  page: Page;
  /** What a visitor must never see: errors of the page and of its console, and requests that leave the server. */
  faults: string[];
}

export interface Site {
  /** `before` runs in the page before anything of its own. */
  open(path: string, options?: BrowserContextOptions, before?: () => void): Promise<OpenedPage>;
  close(): Promise<void>;
}

/** Serves `folder` on 127.0.0.1, and nothing else. */
export async function siteOf(folder: string): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://127.0.0.1');
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file) || !statSync(file).isFile()) return void response.writeHead(404).end();
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream').end(readFileSync(file));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const carried = await unpackChromium();
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  const env = carried.environment(profile);
  const browser = await chromium.launch({ executablePath: carried.executable, args: SOFTWARE_GPU, env });
  return {
    async open(path, options, before) {
      const page = await browser.newPage({ locale: 'en-US', ...options });
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
      page.on('request', (request) => {
        if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) faults.push(request.url());
      });
      if (before) await page.addInitScript(before);
      await page.goto(origin + path);
      return { page, faults };
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
