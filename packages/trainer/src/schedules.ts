// Learning-rate schedules as data: they are written into a run's record, and read from it again.
import { checkNumber, checkOptions, checkWholeNumber, TrainerError } from './errors.ts';

/** The learning rate at each step of a training. Steps count from 0. */
export type Schedule =
  | { kind: 'constant'; rate: number }
  /** `rates[i]` until step `boundaries[i]`, and the last rate from the last boundary on. */
  | { kind: 'piecewise'; rates: readonly number[]; boundaries: readonly number[] }
  /** From `rate` down half a cosine to `final` (default 0) at step `steps` (default: the training's last). */
  | { kind: 'cosine'; rate: number; final?: number; steps?: number }
  /** Up a straight line for `steps` steps, then on with another schedule, which starts its count there. */
  | { kind: 'warm-up'; steps: number; after: Schedule };

const NAME = 'schedule';

/** One rate throughout. */
export function constant(rate: number): Schedule {
  return checked({ kind: 'constant', rate });
}

/** Rates by steps: `piecewise([0.1, 0.01], [18000])` is 0.1 up to step 18,000 and 0.01 from there. */
export function piecewise(rates: readonly number[], boundaries: readonly number[]): Schedule {
  return checked({ kind: 'piecewise', rates, boundaries });
}

/** `final + (rate - final) (1 + cos(pi step / steps)) / 2`, without restarts. https://arxiv.org/abs/1608.03983 */
export function cosine(rate: number, options: { final?: number; steps?: number } = {}): Schedule {
  checkOptions(NAME, 'options', options ?? {}, ['final', 'steps']);
  const { final, steps } = options ?? {};
  return checked({
    kind: 'cosine',
    rate,
    ...(final !== undefined && { final }),
    ...(steps !== undefined && { steps }),
  });
}

/** A line from near 0 to the first rate of `after`, and then that. */
export function warmUp(steps: number, after: Schedule): Schedule {
  return checked({ kind: 'warm-up', steps, after });
}

/** The learning rate of one step of a training of `totalSteps` steps. */
export function learningRateAt(schedule: Schedule, step: number, totalSteps: number): number {
  return rateAt(checked(schedule), step, totalSteps);
}

function rateAt(schedule: Schedule, step: number, totalSteps: number): number {
  switch (schedule.kind) {
    case 'constant':
      return schedule.rate;
    case 'piecewise': {
      const past = schedule.boundaries.filter((boundary) => step >= boundary).length;
      return schedule.rates[past]!;
    }
    case 'cosine': {
      const { rate, final = 0, steps = totalSteps } = schedule;
      const progress = Math.min(step / Math.max(steps, 1), 1);
      return final + ((rate - final) * (1 + Math.cos(Math.PI * progress))) / 2;
    }
    case 'warm-up': {
      const { steps, after } = schedule;
      if (step >= steps) return rateAt(after, step - steps, totalSteps - steps);
      return (rateAt(after, 0, totalSteps - steps) * (step + 1)) / (steps + 1);
    }
  }
}

const FIELDS: Record<Schedule['kind'], readonly string[]> = {
  constant: ['kind', 'rate'],
  piecewise: ['kind', 'rates', 'boundaries'],
  cosine: ['kind', 'rate', 'final', 'steps'],
  'warm-up': ['kind', 'steps', 'after'],
};

/** The schedule itself, once it is known to be one. */
export function checked<T extends Schedule>(schedule: T): T {
  const given = schedule as Schedule;
  const fields = Object.hasOwn(FIELDS, given?.kind) && FIELDS[given.kind];
  if (fields) checkOptions(NAME, `a schedule of kind '${given.kind}'`, given, fields);
  switch (given?.kind) {
    case 'constant':
      checkNumber(NAME, 'rate', given.rate);
      break;
    case 'piecewise': {
      const { rates, boundaries } = given;
      if (!Array.isArray(rates) || !Array.isArray(boundaries) || rates.length !== boundaries.length + 1) {
        throw new TrainerError(NAME, 'there must be one rate more than boundaries', { rates, boundaries });
      }
      for (const rate of rates) checkNumber(NAME, 'each rate', rate);
      for (const [i, boundary] of boundaries.entries()) {
        checkWholeNumber(NAME, 'each boundary', boundary, 0);
        if (i > 0 && boundary <= boundaries[i - 1]!) throw new TrainerError(NAME, 'boundaries must grow', boundaries);
      }
      break;
    }
    case 'cosine':
      checkNumber(NAME, 'rate', given.rate);
      if (given.final !== undefined) checkNumber(NAME, 'final', given.final);
      if (given.steps !== undefined) checkWholeNumber(NAME, 'steps', given.steps, 1);
      break;
    case 'warm-up':
      checkWholeNumber(NAME, 'steps', given.steps, 0);
      checked(given.after);
      break;
    default:
      throw new TrainerError(NAME, "kind must be 'constant', 'piecewise', 'cosine' or 'warm-up'", given);
  }
  return schedule;
}
