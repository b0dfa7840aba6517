// Checkpoints as files in a folder.
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckpointStore, LoadedState } from '../checkpoint.ts';
import { CheckpointError, checkOptions, checkPath, checkWholeNumber } from '../errors.ts';
import { removeScratch, SCRATCH, syncFolder, writeAtomically } from './files.ts';
import { decodeState, encodeState } from './safetensors.ts';

export interface FileCheckpoints extends CheckpointStore {
  readonly folder: string;
  /** Whether a state was saved here, sound or not. */
  readonly isEmpty: boolean;
  /** The best state that was saved. */
  loadBest(): Promise<LoadedState | undefined>;
}

const NAME = 'fileCheckpoints';
const STEP_FILE = /^step-(\d+)\.safetensors$/;
const BEST = 'best.safetensors';

/**
 * Keeps the last states of a training (3 by default) and the best one. A file has its name only once it is whole and on the
 * disk. One that is damaged all the same is set aside, and the one before it counts, in the end the best one.
 */
export function fileCheckpoints(folder: string, options: { keep?: number } = {}): FileCheckpoints {
  checkPath(NAME, 'folder', folder);
  checkOptions(NAME, 'options', options, ['keep']);
  const { keep = 3 } = options;
  checkWholeNumber(NAME, 'keep', keep, 1);
  return {
    folder,
    get isEmpty() {
      return statesOf(folder).length === 0;
    },
    async load(onNotice) {
      removeScratch(folder);
      const files = statesOf(folder);
      const damaged: { where: string; rule: string }[] = [];
      for (const file of files) {
        const where = join(folder, file);
        try {
          const state = decodeState(readFileSync(where));
          const instead = file === BEST ? 'the best one' : 'the checkpoint before it';
          for (const { where: set, rule } of damaged) {
            renameSync(set, `${set}.damaged`);
            onNotice(`${set} is damaged (${rule}) and was set aside; ${instead} is used`);
          }
          return { state, where };
        } catch (error) {
          if (!(error instanceof CheckpointError)) throw error;
          damaged.push({ where, rule: error.rule });
        }
      }
      const last = damaged.at(-1);
      if (!last) return undefined;
      throw new CheckpointError(
        NAME,
        `one of ${folder}/${files.join(', ')} must be sound`,
        `${files.at(-1)}: ${last.rule}`,
      );
    },
    async save(state, best) {
      mkdirSync(folder, { recursive: true });
      const file = `step-${String(state.progress.step).padStart(9, '0')}.safetensors`;
      const where = join(folder, file);
      // The best one first: a process that is killed in between does its last steps again, and saves both.
      const first = best ? join(folder, BEST) : where;
      writeAtomically(first, encodeState(state));
      if (best) sameFile(first, where);
      for (const old of stepFiles(folder).slice(keep)) rmSync(join(folder, old), { force: true });
      return where;
    },
    async loadBest() {
      const where = join(folder, BEST);
      return existsSync(where) ? { state: decodeState(readFileSync(where)), where } : undefined;
    },
  };
}

/** Those to go on from, in the order in which they are tried. */
function statesOf(folder: string): string[] {
  return [...stepFiles(folder), ...(existsSync(join(folder, BEST)) ? [BEST] : [])];
}

/** Newest first. */
function stepFiles(folder: string): string[] {
  const steps = (name: string) => Number(STEP_FILE.exec(name)![1]);
  return names(folder)
    .filter((name) => STEP_FILE.test(name))
    .sort((a, b) => steps(b) - steps(a));
}

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Gives a file a second name, in the place of whatever had it. */
function sameFile(source: string, target: string): void {
  const scratch = `${target}-${process.pid}${SCRATCH}`;
  rmSync(scratch, { force: true });
  try {
    linkSync(source, scratch);
  } catch {
    writeAtomically(target, [readFileSync(source)]); // a file system without links
    return;
  }
  renameSync(scratch, target);
  syncFolder(join(target, '..'));
}
