declare module 'bundle:tests' {
  /** Test files by their names. Written by plugin.mjs. */
  export const tests: Readonly<Record<string, () => Promise<unknown>>>;
}
