import { readFileSync } from 'node:fs';

/** What `golden/NAME.json` holds. A file of its own, so that a bundle can bring the cases with it. */
export function goldenFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'));
}
