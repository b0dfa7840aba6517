import type { Plugin, PluginBuild } from 'esbuild';

/**
 * Test files of these packages as `webgpu/training.test.ts`, with their paths; and the names of those that have to stay: because
 * they read or start what lies beside them, or because `stays` matches their text.
 */
export declare function testFilesOf(
  packages: readonly string[],
  stays: RegExp,
): { movable: Map<string, string>; bound: string[] };

/** Another text in the place of a source file, which is named by the end of its path: `test-kit/src/backends.ts`. */
export declare function replaceSource(build: PluginBuild, file: string, write: () => string, resolveDir?: string): void;

/** The same with the text of another file. */
export declare function replaceByFile(build: PluginBuild, file: string, instead: string): void;

/** A module whose text is made while bundling, imported as `bundle:NAME`. */
export declare function madeModule(build: PluginBuild, name: string, write: () => string): void;

/** Makes `bundle:tests` of a map from names to paths, gives the tests a stand-in for vitest, and brings the golden cases. */
export declare function portableTests(files: ReadonlyMap<string, string>): Plugin;
