// Turns changesets into versions and changelogs, and lets the lockfile follow.
import { pnpm } from './pnpm.mjs';

process.exitCode = pnpm('exec', 'changeset', 'version') || pnpm('install', '--lockfile-only');
