// A folder of files on a server of this machine, and pages of it in the Chromium that test-kit carries.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { launchChromium } from '@stridelab/test-kit/chromium';
import { serveSite } from '@stridelab/test-kit/site';
import type { BrowserContextOptions, Page } from 'playwright-core';

export interface OpenedPage {
  page: Page;
  /** What a visitor must never see: errors of the page and of its console, and requests that leave the server. */
  faults: string[];
}

export interface OpenedSite {
  /** `before` runs in the page before anything of its own. */
  open(path: string, options?: BrowserContextOptions, before?: () => void): Promise<OpenedPage>;
  close(): Promise<void>;
}

/** Serves `folder` on 127.0.0.1, and nothing else. */
export async function siteOf(folder: string): Promise<OpenedSite> {
  const browser = await launchChromium({ gpu: true });
  const site = await serveSite((path) => {
    const file = join(folder, path);
    return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
  });
  return {
    async open(path, options, before) {
      const page = await browser.newPage({ locale: 'en-US', ...options });
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
      page.on('request', (request) => {
        if (!request.url().startsWith(site.address) && !request.url().startsWith('data:')) faults.push(request.url());
      });
      if (before) await page.addInitScript(before);
      await page.goto(site.address + path);
      return { page, faults };
    },
    async close() {
      await browser.close();
      site.close();
    },
  };
}
