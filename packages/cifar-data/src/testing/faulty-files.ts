// A file layer that fails where a test wants it to.
import fs from 'node:fs/promises';
import type { FileLayer } from '../node/files.ts';

export type Operation = 'open' | 'write' | 'sync' | 'rename' | 'mkdir' | 'read';

/** Asked before each operation; an error code that it returns is thrown in its stead, a number cuts a write short. */
export type Fault = (operation: Operation, path: string, count: number) => string | undefined;

/** The real file system of this machine, except for the faults. `count` is the number of operations before this one. */
export function faultyFiles(fault: Fault): FileLayer & { operations: string[] } {
  const operations: string[] = [];
  const meet = (operation: Operation, path: string) => {
    const code = fault(operation, path, operations.length);
    operations.push(`${operation} ${path}`);
    if (code) throw Object.assign(new Error(`${code}: made by a test`), { code });
  };
  const open: FileLayer['open'] = async (path, flags, mode) => {
    meet('open', String(path));
    const handle = await fs.open(path, flags, mode);
    return new Proxy(handle, {
      get(target, key) {
        const value = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (key === 'writeFile') {
            try {
              meet('write', String(path));
            } catch (error) {
              // A disk that fills up takes the beginning.
              const bytes = args[0] as Uint8Array;
              await target.write(bytes.subarray(0, bytes.length >> 1));
              throw error;
            }
          }
          if (key === 'sync' || key === 'read') meet(key, String(path));
          return value.apply(target, args);
        };
      },
    });
  };
  const wrap =
    <Args extends unknown[], Result>(operation: Operation, call: (...args: Args) => Promise<Result>) =>
    async (...args: Args) => {
      meet(operation, String(args[0]));
      return call(...args);
    };
  return {
    operations,
    open,
    rename: wrap('rename', fs.rename),
    mkdir: wrap('mkdir', fs.mkdir as (...args: unknown[]) => Promise<unknown>) as FileLayer['mkdir'],
    rm: fs.rm,
    readdir: fs.readdir,
    stat: fs.stat,
  };
}
