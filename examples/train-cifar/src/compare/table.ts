// The table that the papers print: mean and spread over seeds.
import type { RunResult } from '../runs.ts';
import type { Row } from './grid.ts';

export interface RowResults extends Row {
  /** Of the runs that are finished. */
  results: RunResult[];
}

export interface Spread {
  mean: number;
  /** Standard deviation of a sample; 0 for a single value. */
  deviation: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1)) };
}

export const accuraciesOf = ({ results }: RowResults): number[] => results.map(({ accuracy }) => 100 * accuracy);

export function labelOf({ pooling, phc }: Row): string {
  return phc === undefined ? pooling : `${pooling}, PHC n = ${phc}`;
}

export function tableOf(rows: readonly RowResults[]): string[] {
  const header = [
    'pooling',
    'strides',
    'parameters',
    'multiply-adds',
    'test accuracy, %',
    'runs',
    'strides at the end',
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map((row) => line(cellsOf(row)))];
}

function cellsOf(row: RowResults): string[] {
  const { results, runs, strides } = row;
  const count = `${results.length} of ${runs.length}`;
  const [first] = results;
  if (!first) return [labelOf(row), strides, '', '', '', count, ''];
  const { mean, deviation } = spreadOf(accuraciesOf(row));
  const millions = spreadOf(results.map(({ multiplyAdds }) => multiplyAdds / 1e6)).mean;
  return [
    labelOf(row),
    strides,
    first.parameters.toLocaleString('en'),
    `${millions.toFixed(1)} M`,
    results.length < 2 ? mean.toFixed(2) : `${mean.toFixed(2)} ± ${deviation.toFixed(2)}`,
    count,
    learnedStrides(results),
  ];
}

/** Means over seeds, layer by layer: `2.13x2.08 1.90x1.95`. */
function learnedStrides(results: readonly RunResult[]): string {
  const layers = results[0]!.strides.filter(({ learned }) => learned);
  return layers
    .map(({ layer, strides }) =>
      strides
        .map((_, side) =>
          spreadOf(
            results.map((result) => result.strides.find((each) => each.layer === layer)!.strides[side]!),
          ).mean.toFixed(2),
        )
        .join('x'),
    )
    .join(' ');
}
