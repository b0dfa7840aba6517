// What runs JavaScript beside Node and browsers.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Runtime {
  name: string;
  /** The command that runs a file, of a project into which npm has installed the package of that name. */
  commandIn(project: string): string[];
}

export const RUNTIMES: Runtime[] = [
  {
    name: 'bun',
    commandIn(project) {
      // Its own command is put in place by an install script, and none is run here.
      const builds = join(project, 'node_modules', '@oven');
      return [join(builds, readdirSync(builds)[0]!, 'bin', 'bun')];
    },
  },
  { name: 'deno', commandIn: (project) => [join(project, 'node_modules', '.bin', 'deno'), 'run', '--allow-all'] },
];
