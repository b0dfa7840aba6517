// One build for every package: ESM and types from each public entry.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

const { exports, publishConfig } = JSON.parse(readFileSync('package.json', 'utf8'));

/**
 * In the workspace `exports` names sources, and so tests never read a build; `publishConfig` names what is built of them,
 * and commands, which the workspace has no use for.
 */
function entries() {
  const { bin = {} } = publishConfig ?? {};
  const commands = Object.values(bin).map((file) => file.replace('dist/', 'src/').replace(/\.js$/, '.ts'));
  return [...new Set([...Object.values(exports), ...commands])].map((file) => file.replace(/^\.\//, ''));
}

/** Files that the root entry passes on. */
function passedOn() {
  const index = readFileSync('src/index.ts', 'utf8');
  const files = [...index.matchAll(/ from '\.\/([^']+)'/g)].map(([, file]) => `src/${file}`);
  return files.filter((file) => !entries().includes(file));
}

const common = {
  entry: entries(),
  format: ['esm'],
  removeNodeProtocol: false,
  target: 'es2022',
  platform: 'neutral',
  // Whatever a package does not ship is somebody's dependency, peer, or Node's own.
  external: [/^node:/],
  // Except what is private to this workspace: that goes into every package that uses it
  // (its types do so through `paths` in tsconfig.json).
  noExternal: ['@stridelab/errors', '@stridelab/gpu-device', '@stridelab/registration'],
  dts: { entry: entries() },
  sourcemap: true,
  clean: true,
  treeshake: true,
};

export default defineConfig(common);

/**
 * For packages of functions and layers, what is passed on stays in files of its own: whoever imports a function then gets
 * nothing of the layers beside it, nor @tensorflow/tfjs-layers, which no bundler drops where it has once been imported.
 */
export const apart = defineConfig({ ...common, entry: [...entries(), ...passedOn()] });
