// Modules that bundle.mjs writes.
declare module 'bundle:bound' {
  /** Test files that were left out. */
  export const bound: readonly string[];
}

declare module 'bundle:revision' {
  /** The commit that the bundle was made of. */
  export const revision: string;
  /** Of what it is made of. */
  export const versions: { tfjs: string; webgpu: string };
}
