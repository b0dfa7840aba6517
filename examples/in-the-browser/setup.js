// Packs the packages of this repository as npm would publish them, and installs the tarballs. `--no-build` uses what is built.
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// A copy of this folder that lies elsewhere finds the repository by STRIDELAB_ROOT.
const root = resolve(process.env.STRIDELAB_ROOT ?? join(import.meta.dirname, '../..'));
const { setUpExample } = await import(pathToFileURL(join(root, 'tools/commands/set-up-example.mjs')).href);
setUpExample(import.meta.dirname);
