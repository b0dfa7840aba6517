// Modules without types of their own, and one that run.ts makes.
declare module 'stock:tests' {}

declare module 'jasmine-core/lib/jasmine-core/jasmine.js' {
  interface Environment {
    configure(options: { random: boolean }): void;
    addReporter(reporter: { specDone(result: { fullName: string; status: string }): void }): void;
    execute(): Promise<unknown>;
  }
  interface Jasmine {
    DEFAULT_TIMEOUT_INTERVAL: number;
    getEnv(): Environment;
  }
  const jasmineRequire: {
    core(self: unknown): Jasmine;
    interface(jasmine: Jasmine, environment: Environment): object;
  };
  export default jasmineRequire;
}

declare module '@tensorflow/tfjs-core/dist/jasmine_util' {
  export function setTestEnvs(
    environments: { name: string; backendName: string; flags?: object; isDataSync: boolean }[],
  ): void;
}
