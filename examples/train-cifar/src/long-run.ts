// A GPU gets the full network, and some GPUs would be days at it: whoever did not mean that should hear of it in time.
import type { Listener } from '@stridelab/trainer';

/** Steps until the estimate, a moving average, has forgotten the first one, which compiles its kernels. */
const STEPS = 60;

const LONG_SECONDS = 6 * 3600;

/** A listener that writes one line, once, where a run has hours before it. */
export function longRunHint(write: (line: string) => void): Listener {
  let steps = 0;
  return (event) => {
    if (event.type !== 'step' || ++steps !== STEPS || event.secondsLeft < LONG_SECONDS) return;
    write(
      `Note: ${Math.round(event.secondsLeft / 3600)} hours to go at this rate. Ctrl-C saves, and the same command goes on. ` +
        'For a first result: npm start -- --depth 8 --preset quick',
    );
  };
}
