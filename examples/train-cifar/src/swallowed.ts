// Flags in front of `--`: npm takes them for its own, and hands them on in the environment alone.
import { CommandError } from './errors.ts';
import type { FlagTable } from './flags.ts';

/** Of these names npm has settings, which somebody may have set for good. */
const SETTINGS: readonly string[] = ['cache', 'depth', 'help'];

/** `npm start --smoke` would otherwise be the whole job. */
export function refuseSwallowed(table: FlagTable, env: NodeJS.ProcessEnv): void {
  if (env.npm_lifecycle_event !== 'start') return;
  for (const name of Object.keys(table).filter((each) => !SETTINGS.includes(each))) {
    const value = env[`npm_config_${name.replaceAll('-', '_')}`];
    if (!value) continue;
    const flag = value === 'true' ? `--${name}` : `--${name} ${value}`;
    throw new CommandError('flags', `flags must come after --, as in npm start -- ${flag}`, flag);
  }
}
