// The packages as a stranger gets them: run by Node, Bun and Deno, compiled by a strict TypeScript, bundled by esbuild and Vite.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { chromiumRunsHere } from '@stridelab/test-kit/chromium';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readmeSnippets } from './readme.ts';
import { RUNTIMES } from './runtimes.ts';
import { discard, output, printed, publishedPackages, strangersProject } from './stranger.ts';

const packages = publishedPackages();
const snippets = readmeSnippets(packages);
const entries = packages.flatMap((published) => published.entries);

const CORES = availableParallelism();

const OTHERS = [
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgpu',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@types/node',
  'bun',
  'deno',
  'esbuild',
  'typescript',
  'vite',
  'webgpu',
];

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    lib: ['ES2023', 'DOM'],
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    // TF.js 4.22's own declarations do not pass; ours are compiled as part of what imports them.
    skipLibCheck: true,
    outDir: 'out',
    rootDir: '.',
  },
  include: ['*.ts'],
};

let project: string;

beforeAll(async () => {
  project = await strangersProject(packages, OTHERS);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  for (const { file, code } of snippets) writeFileSync(join(project, file), code);
  const imports = entries.map((entry, i) => `import * as entry${i} from '${entry}';`);
  const names = entries.map((_, i) => `entry${i}`).join(', ');
  const everything = `${imports.join('\n')}\nconsole.log([${names}].length);\n`;
  for (const file of ['everything.ts', 'everything.cts']) writeFileSync(join(project, file), everything);
}, 300_000);

afterAll(() => discard(project));

it('names every package in this package.json, so that turbo builds them first', () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
  const named = Object.keys(manifest.devDependencies);
  for (const { name } of packages) expect(named).toContain(name);
});

it('installs one copy of tfjs-core', async () => {
  const listed = JSON.parse(await output('npm', ['ls', '@tensorflow/tfjs-core', '--json', '--all'], project));
  const versions = JSON.stringify(listed).match(/"@tensorflow\/tfjs-core":\{"version":"[^"]+"/g);
  expect(new Set(versions)).toEqual(new Set(['"@tensorflow/tfjs-core":{"version":"4.22.0"']));
  const copies = readdirSync(join(project, 'node_modules'), { recursive: true }) as string[];
  expect(copies.filter((path) => /@tensorflow[\\/]tfjs-core$/.test(path))).toHaveLength(1);
});

describe.each(entries)('%s', (entry) => {
  it('runs as ESM in Node and exports something', async () => {
    const script = `import * as all from '${entry}'; console.log(JSON.stringify(Object.keys(all)))`;
    const names = JSON.parse(await output('node', ['--input-type=module', '-e', script], project));
    expect(Array.isArray(names)).toBe(true);
    if (!entry.endsWith('/register')) expect(names.length).toBeGreaterThan(0);
  });

  it('is what require() gives in CommonJS', async () => {
    const script = `console.log(require('${entry}') !== undefined)`;
    expect(await output('node', ['--input-type=commonjs', '-e', script], project)).toMatch(/true/);
  });
});

const commands = packages.flatMap((published) => published.commands);

it('finds commands to run', () => expect(commands).toContain('stridelab-backend'));

it.each(commands)('the command %s runs', async (command) => {
  expect(await output('npx', ['--no-install', command, '--help'], project)).toMatch(/usage/i);
});

describe('strict TypeScript', () => {
  it('compiles an import of every entry and every README example', async () => {
    await output('npx', ['--no-install', 'tsc', '-p', '.'], project);
  });

  it.each(snippets)('runs $where', async ({ file }) => {
    await output('node', [join('out', file.replace(/\.ts$/, '.js'))], project);
  });
});

it('compiles to CommonJS as TypeScript did by default up to 5, without knowing of exports', async () => {
  const flags = ['--module', 'commonjs', '--moduleResolution', 'node10', '--target', 'es2022'];
  const others = ['--strict', '--skipLibCheck', '--types', 'node', '--outDir', 'common'];
  await output('npx', ['--no-install', 'tsc', ...flags, ...others, 'everything.cts'], project);
  expect(await output('node', ['common/everything.cjs'], project)).toBe(`${entries.length}\n`);
});

it('learns strides in the example of the front page, as it says', async () => {
  const { file } = snippets.find(({ where }) => where.startsWith('README.md'))!;
  const printed = await output('node', [join('out', file.replace(/\.ts$/, '.js'))], project);
  expect(printed).toMatch(/Float32Array\(2\) \[/);
  expect(printed).not.toMatch(/\[ 2, 2 \]/);
});

describe.each(RUNTIMES)('$name', ({ commandIn }) => {
  const run = (...args: string[]) => {
    const [command, ...words] = commandIn(project);
    return output(command!, [...words, ...args], project);
  };

  it.each(snippets)('runs $where', async ({ file }) => {
    await run(file);
  });

  it('has WebAssembly on all cores, and WebGPU', async () => {
    const doctor = await run(join('node_modules', '@stridelab/backend', 'dist', 'cli.js'), 'doctor', '--json');
    const { backends } = JSON.parse(doctor) as { backends: { name: string; device?: string }[] };
    const deviceOf = (wanted: string) => backends.find(({ name }) => name === wanted)?.device;
    expect(deviceOf('wasm')).toBe(`CPU through WebAssembly SIMD${CORES > 1 ? `, ${CORES} threads` : ''}`);
    if (chromiumRunsHere) expect(deviceOf('webgpu-software'), 'of the Chromium from npm').toMatch(/^SwiftShader/);
  });
});

describe('esbuild', () => {
  const bundle = (name: string, code: string, ...flags: string[]) => {
    writeFileSync(join(project, `${name}.js`), code);
    return output('npx', ['--no-install', 'esbuild', `${name}.js`, '--bundle', ...flags], project);
  };

  it('splits code and leaves the kernels where they are: TF.js registers its own before', async () => {
    const code = `import '@stridelab/wasm';
import { openBackend } from '@stridelab/backend';
const { name } = await openBackend({ prefer: ['cpu'] });
console.log(name);`;
    await bundle('split', code, '--platform=browser', '--splitting', '--format=esm', '--outdir=split');
    // What a page would do, in Node: TF.js looks at these to know where it is.
    const page = "Object.defineProperty(process,'versions',{value:{}});globalThis.window={document:{}}";
    const { stdout, stderr } = await printed(
      'node',
      ['--import', `data:text/javascript,${page}`, 'split/split.js'],
      project,
    );
    expect(stdout).toMatch(/cpu/);
    expect(stderr).not.toContain('already registered');
  });

  it('makes CommonJS of openBackend, in which no file knows where it is', async () => {
    const code = `import { openBackend } from '@stridelab/backend';
openBackend({ prefer: ['webgpu', 'cpu'] }).then(({ name }) => { console.log(name); process.exit(); });`;
    await bundle('common', code, '--platform=node', '--format=cjs', '--outfile=common.cjs', '--external:webgpu');
    expect(await output('node', ['common.cjs'], project)).toMatch(/cpu/);
  });

  it('bundles a training with its record and report into one file beside TF.js', async () => {
    const code = `import '@tensorflow/tfjs';
import { arrayData, fit } from '@stridelab/trainer';
import { openRun } from '@stridelab/trainer/node';
import * as tfl from '@tensorflow/tfjs-layers';
const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3] })] });
const data = arrayData({ images: new Float32Array(12).fill(1), labels: [0, 1, 0, 1], shape: [3], batchSize: 2 });
const run = openRun('bundled-run', { config: {} });
await fit(model, data, { epochs: 1, schedule: 0.1, onEvent: run.onEvent });
await run.finish(model);
console.log('done');`;
    const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
    const flags = ['--platform=node', '--format=esm', '--minify', '--keep-names', '--external:@tensorflow/*'];
    await bundle('training', code, ...flags, `--banner:js=${banner}`, '--outfile=alone/training.mjs');
    const alone = join(project, 'alone');
    expect(await output('node', ['training.mjs'], alone)).toMatch(/done/);
    const read = (file: string) => readFileSync(join(alone, 'bundled-run', file), 'utf8');
    const { version } = JSON.parse(readFileSync(join(project, 'node_modules/@stridelab/trainer/package.json'), 'utf8'));
    expect(JSON.parse(read('config.json')).environment.versions).toMatchObject({ '@stridelab/trainer': version });
    expect(read('report.html')).toMatch(/github\.com\/leeoniya\/uPlot[\s\S]*page\.drawCharts\(\[\{/);
  });
});

describe('Vite', () => {
  const forBrowsers = entries.filter((entry) => !entry.endsWith('/node'));

  it('bundles every entry that a browser can use', async () => {
    mkdirSync(join(project, 'site'), { recursive: true });
    const imports = forBrowsers.map((entry, i) => `import * as e${i} from '${entry}';`);
    const use = `document.title = String([${forBrowsers.map((_, i) => `e${i}`).join(', ')}].map(Object.keys));`;
    writeFileSync(join(project, 'site/main.js'), `${imports.join('\n')}\n${use}\n`);
    writeFileSync(join(project, 'site/index.html'), '<script type="module" src="./main.js"></script>');
    await output('npx', ['--no-install', 'vite', 'build', 'site', '--logLevel', 'warn'], project);
    const assets = readdirSync(join(project, 'site/dist/assets'));
    expect(assets.filter((name) => name.endsWith('.js')).length).toBeGreaterThan(0);
  });

  it.each([
    ['diffStride2d', 'diffstride'],
    ['downsampledSize', 'diffstride'],
    ['spectralPool2d', 'spectral-pooling'],
    ['phcConv2d', 'phc-conv'],
    ['softmaxCrossEntropy', 'train-ops'],
  ])('bundles %s without any layers', async (name, from) => {
    const site = join(project, name);
    mkdirSync(site, { recursive: true });
    writeFileSync(join(site, 'main.js'), `import { ${name} } from '@stridelab/${from}';\nwindow.use = ${name};\n`);
    writeFileSync(join(site, 'index.html'), '<script type="module" src="./main.js"></script>');
    await output('npx', ['--no-install', 'vite', 'build', name, '--logLevel', 'warn'], project);
    const assets = join(site, 'dist/assets');
    const code = readdirSync(assets).map((file) => readFileSync(join(assets, file), 'utf8'));
    // As TF.js names one of its layers, in a text that no minifier changes.
    expect(code.join('\n')).not.toContain('GlobalAveragePooling2D');
  });
});
