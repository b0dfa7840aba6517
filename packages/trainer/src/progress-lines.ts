// The event stream as lines for a person at a terminal.
import { checkFunction, checkOptions } from './errors.ts';
import type { EpochEvent, Listener, StepEvent, StrideReading, TrainingEvent } from './events.ts';

export interface ProgressLinesOptions {
  /** Takes one line without its end. Default: console.log. */
  write?: (line: string) => void;
  /** Takes a line that the next one overwrites, where the terminal can do so: the steps within an epoch. Default: none. */
  overwrite?: (line: string) => void;
}

const NAME = 'progressLines';

/** A listener that writes one line an epoch, and says what else a person should know. */
export function progressLines(options: ProgressLinesOptions = {}): Listener {
  checkOptions(NAME, 'options', options ?? {}, ['write', 'overwrite']);
  const { write = console.log, overwrite } = options ?? {};
  checkFunction(NAME, 'write', write);
  checkFunction(NAME, 'overwrite', overwrite);
  return (event) => {
    if (event.type === 'step') overwrite?.(stepLine(event));
    else {
      const line = lineOf(event);
      if (line) write(line);
    }
  };
}

const ENDS = {
  finished: undefined,
  'early-stop': 'Stopped early: no longer better',
  aborted: 'Interrupted',
  diverged: 'Diverged: the loss is no longer a number',
};

function lineOf(event: Exclude<TrainingEvent, StepEvent>): string | undefined {
  switch (event.type) {
    case 'start': {
      const { trainableParameters, epochs, batches, backend, strides } = event;
      const parameters = trainableParameters.toLocaleString('en');
      const learned = stridesText(strides);
      return `${parameters} parameters, ${epochs} epochs of ${batches} steps on ${backend}${learned && `, ${learned}`}`;
    }
    case 'resume':
      return `Goes on from ${event.from}: step ${event.step}, epoch ${event.epoch + 1}, batch ${event.batch}`;
    case 'notice':
      return `Note: ${event.message}`;
    case 'epoch':
      return epochLine(event);
    case 'checkpoint':
      return undefined;
    case 'end':
      return ENDS[event.reason];
  }
}

function epochLine(event: EpochEvent): string {
  const { epoch, epochs, loss, accuracy, validationLoss, validationAccuracy, strides } = event;
  const learned = stridesText(strides);
  const parts = [
    `epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}`,
    `loss ${loss.toFixed(4)}`,
    `accuracy ${percent(accuracy)}`,
    ...(validationLoss === undefined
      ? []
      : [`validation ${validationLoss.toFixed(4)} ${percent(validationAccuracy!)}`]),
    ...(learned ? [learned] : []),
    `${Math.round(event.imagesPerSecond)} images/s`,
    ...(epoch + 1 < epochs ? [`${duration(event.secondsLeft)} left`] : []),
  ];
  return parts.join('  ');
}

function stepLine({ epoch, batch, batches, loss, accuracy, imagesPerSecond, secondsLeft }: StepEvent): string {
  const speed = `${Math.round(imagesPerSecond)} images/s  ${duration(secondsLeft)} left`;
  return `epoch ${epoch + 1}  ${batch}/${batches}  loss ${loss.toFixed(4)}  accuracy ${percent(accuracy)}  ${speed}`;
}

/** `strides 2.00x2.13 1.87x2.02`, of the layers that learn theirs. */
function stridesText(strides: readonly StrideReading[]): string {
  const learned = strides.filter(({ learned }) => learned);
  if (learned.length === 0) return '';
  return `strides ${learned.map((reading) => reading.strides.map((stride) => stride.toFixed(2)).join('x')).join(' ')}`;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)}%`;
}

/** `1 h 02 min`, `3 min 05 s`, `8 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
