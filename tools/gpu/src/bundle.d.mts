/** Writes `stridelab-gpu.mjs` into the folder; returns its path. */
export declare function bundle(folder: string): Promise<string>;
/** Test files by name with their paths, and the names of those that have to stay in their sources. */
export declare function testFiles(): { movable: Map<string, string>; bound: string[] };
