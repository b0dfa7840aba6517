// Run in a process of its own by tests that kill it: loads the data set that a JSON file describes.
import { readFileSync } from 'node:fs';
import { load } from '../node/load.ts';
import { testSurroundings } from './surroundings.ts';

const [manifestFile, cacheDir, ...source] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(manifestFile!, 'utf8'));
process.stdout.write('ready\n');
const options = { source: source as 'cache'[], cacheDir: cacheDir!, registry: manifest.registry };
const data = await load('loadCifar10', manifest, options, testSurroundings());
process.stdout.write(`done ${data.sources.join(' ')}\n`);
