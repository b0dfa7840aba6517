// Random draws of layers, such as dropout's, made repeatable: TF.js takes its seeds from Math.random.
import seedrandom from 'seedrandom';

/** Runs `work`, which must not wait, with a Math.random of its own for each key. */
export function withRandom<T>(key: string, work: () => T): T {
  const original = Math.random;
  Math.random = seedrandom.alea(key);
  try {
    return work();
  } finally {
    Math.random = original;
  }
}
