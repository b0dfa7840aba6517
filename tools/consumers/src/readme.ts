// Code in a README that is marked as runnable: ```ts runnable
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublishedPackage } from './stranger.ts';
import { root } from './stranger.ts';

export interface Snippet {
  /** For people: `packages/fft-ops/README.md, line 20`. */
  where: string;
  file: string;
  code: string;
}

/** Runnable blocks of one Markdown text. */
export function runnableBlocks(markdown: string): { line: number; code: string }[] {
  const blocks = markdown.matchAll(/^```ts runnable\n([\s\S]*?)^```$/gm);
  return [...blocks].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    code: match[1]!,
  }));
}

/** Every runnable block of the repository's README and of each package's. */
export function readmeSnippets(packages: PublishedPackage[]): Snippet[] {
  const readmes = ['README.md', ...packages.map(({ folder }) => `packages/${folder.split(/[\\/]/).at(-1)}/README.md`)];
  return readmes
    .filter((readme) => existsSync(join(root, readme)))
    .flatMap((readme) =>
      runnableBlocks(readFileSync(join(root, readme), 'utf8')).map(({ line, code }) => ({
        where: `${readme}, line ${line}`,
        file: `${readme.replaceAll(/[^a-z0-9]+/gi, '-')}-${line}.ts`,
        code,
      })),
    );
}
