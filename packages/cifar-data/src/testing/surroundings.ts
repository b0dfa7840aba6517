// Surroundings of a load that reach nothing outside of this machine.
import { nodeFiles } from '../node/files.ts';
import type { Surroundings } from '../node/load.ts';

/** No environment variable, no .npmrc, no waiting. `fetch` reaches this machine alone. */
export function testSurroundings(changes: Partial<Surroundings> = {}): Surroundings {
  const local: typeof fetch = (url, init) => {
    if (new URL(String(url)).hostname === '127.0.0.1') return fetch(url, init);
    return Promise.reject(new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }));
  };
  return {
    files: nodeFiles,
    network: { fetch: local, retryDelay: 1, patience: 60_000 },
    env: { HOME: '/nonexistent', npm_config_globalconfig: '/nonexistent/npmrc' },
    cwd: '/nonexistent',
    ...changes,
  };
}
