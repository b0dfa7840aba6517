// Installs what the lockfile names, with pnpm through npx. Nothing here runs a dependency's install script.
import { pnpm } from './pnpm.mjs';

process.exitCode = pnpm('install', '--frozen-lockfile');
