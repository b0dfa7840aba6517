/** The text of src/engine/compiled.ts. */
export function compiledSource(): Promise<string>;
