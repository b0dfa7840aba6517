// The base of every package's named error: a call that breaks a rule, and what it was given.

/** Worded `package.function: rule, got value`, for example `fft-ops.rfft: axis must be in [-2, 2), got 3`. */
export abstract class RuleError extends Error {
  constructor(
    packageName: string,
    /** The public function or class that was called. */
    readonly operation: string,
    readonly rule: string,
    readonly got: unknown,
  ) {
    super(`${packageName}.${operation}: ${rule}, got ${describeValue(got)}`);
  }
}

/**
 * Whether options are an object that names nothing but these. What a name is misspelt for would keep its default without a
 * word, and so would everything where a number or a list stands in the place of options.
 */
export function areOptions(options: unknown, names: readonly string[]): boolean {
  return Object(options) === options && Object.keys(options as object).every((name) => names.includes(name));
}

/**
 * Options as they were given, or none in the place of what is no object: then what they must name is missed by its name, where
 * taking them apart would fail in the words of the engine.
 */
export function optionsOrNone<Options>(options: Options): Options {
  return Object(options) === options ? options : ({} as Options);
}

/**
 * A value as a person would write it: `[1, NaN]`, `'same'`, `undefined`, `{height: 3}`. Of a long list, which may be
 * somebody's data, the beginning.
 */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) {
    return `[${value.slice(0, 20).map(describeValue).join(', ')}${value.length > 20 ? ', ...' : ''}]`;
  }
  if (Object(value) !== value) return String(value); // no object of any kind
  const kind = (value as object).constructor;
  if (kind && kind !== Object) return `a ${kind.name}`;
  const fields = Object.entries(value as object).map(([key, field]) => `${key}: ${describeValue(field)}`);
  return `{${fields.join(', ')}}`;
}

/** What every layer of tfjs-layers takes, and what tfjs-layers adds to the options of those that it loads. */
export const LAYER_OPTIONS =
  'name, trainable, inputShape, batchInputShape, batchSize, dtype, inputDType, weights, customObjects';
