// Makes a bundle of TF.js's own tests, and runs it in a process.
import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

export interface Outcome {
  passed: string[];
  failed: string[];
}

const here = import.meta.dirname;
/** Where a bundle finds the packages that stay outside of it. */
const bundle = join(here, '../node_modules/.cache/stock-tests.mjs');
const require = createRequire(import.meta.url);

/** TF.js's packages name neither extensions nor themselves modules, so that Node alone cannot run their tests. */
export async function bundleTests(): Promise<void> {
  const operations = join(dirname(require.resolve('@tensorflow/tfjs-core/package.json')), 'dist/ops');
  const tests = readdirSync(operations, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('_test.js'),
  );
  await build({
    entryPoints: [join(here, 'suite.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['webgpu', 'vitest'],
    // Tests are side effects, of which TF.js says that it has none.
    ignoreAnnotations: true,
    logLevel: 'error',
    plugins: [
      {
        name: 'stock tests',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^stock:tests$/ }, () => ({ path: 'tests', namespace: 'stock' }));
          onLoad({ filter: /^tests$/, namespace: 'stock' }, () => ({
            contents: tests.map((file) => `import ${JSON.stringify(join(operations, file))};`).join('\n'),
            resolveDir: here,
          }));
        },
      },
    ],
    banner: {
      js: [
        "import { createRequire as createRequire_ } from 'node:module';",
        "import { dirname as dirname_ } from 'node:path';",
        "import { fileURLToPath as fileURLToPath_ } from 'node:url';",
        'const require = createRequire_(import.meta.url);',
        'const __filename = fileURLToPath_(import.meta.url);',
        'const __dirname = dirname_(__filename);',
      ].join('\n'),
    },
  });
}

/** What came of TF.js's tests on a backend, with its own kernels or with ours in their place. */
export function runTests(backend: 'wasm' | 'webgpu', kernels: 'ours' | 'stock'): Promise<Outcome> {
  // Some of TF.js's kernels read past the end of a buffer, and pass or fail by what lies there: unless that is checked.
  const env = { ...process.env, STRIDELAB_BOUNDS_CHECKS: '1' };
  const timeout = 900_000;
  const child = fork(bundle, [backend, kernels], { env, timeout, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let printed = '';
  child.stderr!.on('data', (data) => {
    printed = (printed + data).slice(-2000);
  });
  return new Promise((resolve, reject) => {
    child.on('message', resolve as (message: unknown) => void);
    child.on('exit', (code, signal) => reject(new Error(`ended with ${code ?? signal}: ${printed}`)));
  });
}
