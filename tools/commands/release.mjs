// Builds every package and publishes those whose version the registry does not have. `changeset publish` calls pnpm,
// which this puts within reach.
import { pnpm } from './pnpm.mjs';

process.exitCode = pnpm('exec', 'turbo', 'run', 'build') || pnpm('exec', 'changeset', 'publish');
