import { areOptions, RuleError } from '@stridelab/errors';

/** What went wrong, for programs; the message says it to people. */
export type CifarErrorCode =
  | 'bad-argument'
  | 'not-found'
  | 'truncated'
  | 'malformed'
  | 'checksum'
  | 'label-out-of-range'
  | 'unsafe-path'
  | 'network'
  | 'http-status'
  | 'not-an-archive'
  | 'disk-full'
  | 'cache-write'
  | 'no-source';

/** One source that was tried and what it answered. */
export interface Attempt {
  source: string;
  /** The folder or the address. */
  where: string;
  error: Error;
}

/** A rule of this package that a call, a file or a server broke. Nothing that broke one enters training. */
export class CifarDataError extends RuleError {
  override name = 'CifarDataError';
  readonly code: CifarErrorCode;
  /** With the code `no-source`: every source that was tried, in order. */
  readonly attempts: readonly Attempt[];

  constructor(
    operation: string,
    rule: string,
    got: unknown,
    { code = 'bad-argument', attempts = [], advice = [], cause }: ErrorDetails = {},
  ) {
    super('cifar-data', operation, rule, got);
    this.code = code;
    this.attempts = attempts;
    if (cause !== undefined) this.cause = cause;
    const tried = attempts.map(({ source, where, error }, i) => `  ${i + 1}. ${source} (${where}): ${error.message}`);
    if (tried.length > 0) this.message += `\nTried, in order:\n${tried.join('\n')}`;
    if (advice.length > 0) this.message += `\nTo mend it:\n${advice.map((line) => `  - ${line}`).join('\n')}`;
  }
}

interface ErrorDetails {
  code?: CifarErrorCode;
  attempts?: readonly Attempt[];
  /** What a person can do about it, one line each. */
  advice?: readonly string[];
  cause?: unknown;
}

/** Refuses options of a name that there is not, and what is none: both would be ignored without a word. */
export function checkOptions(operation: string, what: string, options: unknown, names: readonly string[]): void {
  if (areOptions(options, names)) return;
  throw new CifarDataError(operation, `${what} must be some of {${names.join(', ')}}`, options);
}

/** Of Node's loader and of the browsers' alike: code for both may name cacheDir, which means nothing in a page. */
const LOAD_OPTIONS = ['source', 'folder', 'cacheDir', 'registry', 'onProgress', 'signal'];

export function checkLoadOptions(operation: string, options: unknown): void {
  checkOptions(operation, 'options', options, LOAD_OPTIONS);
}

/** Refuses `value` unless it is a whole number of at least `least`. */
export function checkWholeNumber(operation: string, name: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  throw new CifarDataError(operation, `${name} must be a whole number >= ${least}`, value);
}
