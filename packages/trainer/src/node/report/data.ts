// What the report shows, worked out from the record.
import type { Evaluation, Sample } from '../../evaluate.ts';
import type { EpochEvent, StepEvent, StrideReading } from '../../events.ts';
import type { Environment } from '../environment.ts';
import type { LoggedEvent } from '../metrics-log.ts';
import type { Response } from './responses.ts';

export interface ReportInput {
  title: string;
  config: Record<string, unknown>;
  environment: Environment;
  events: readonly LoggedEvent[];
  /** As they are now. */
  strides: readonly StrideReading[];
  responses: readonly Response[];
  evaluation?: Evaluation;
  classNames?: readonly string[];
}

/** One chart: numbers over epochs. A value that is not there is null. */
export interface Chart {
  id: string;
  title: string;
  /** A log axis. */
  log?: boolean;
  /** Parts of one, written as percentages. */
  percent?: boolean;
  /** Epochs done, fractions within. */
  x: number[];
  series: { label: string; values: (number | null)[]; faint?: boolean; dashed?: boolean; steps?: boolean }[];
}

/** Pixels for a canvas. */
export interface Picture {
  id: string;
  width: number;
  height: number;
  /** Base64 of one byte (grey level 0 to 255: the theme's ink) or three (colours) for each pixel. */
  bytes: string;
}

/** Curves longer than this are thinned. */
const MOST_POINTS = 1500;

export function chartsOf({ events }: Pick<ReportInput, 'events'>): Chart[] {
  const steps = thinned(events.filter((event): event is LoggedEvent & StepEvent => event.type === 'step'));
  const epochs = epochsOf(events);
  const x = [...new Set([...steps.map(progress), ...epochs.map(({ epoch }) => epoch + 1)])].sort((a, b) => a - b);
  const stepValues = (value: (event: StepEvent) => number) =>
    align(
      x,
      steps.map((step) => [progress(step), value(step)]),
    );
  const epochValues = (value: (event: EpochEvent) => number | undefined) =>
    align(
      x,
      epochs.map((epoch) => [epoch.epoch + 1, value(epoch)]),
    );
  const hasValidation = epochs.some(({ validationLoss }) => validationLoss !== undefined);
  const curves = (
    id: 'loss' | 'accuracy',
    title: string,
    validation: 'validationLoss' | 'validationAccuracy',
  ): Chart => ({
    id,
    title,
    percent: id === 'accuracy',
    x,
    series: [
      { label: 'one step', values: stepValues((step) => step[id]), faint: true },
      { label: 'training', values: epochValues((epoch) => epoch[id]) },
      ...(hasValidation ? [{ label: 'validation', values: epochValues((epoch) => epoch[validation]) }] : []),
    ],
  });
  return [
    curves('loss', 'Loss', 'validationLoss'),
    curves('accuracy', 'Accuracy', 'validationAccuracy'),
    {
      id: 'learning-rate',
      title: 'Learning rate',
      x,
      series: [{ label: 'rate', values: stepValues(({ learningRate }) => learningRate), steps: true }],
    },
    ...strideCharts(events, epochs),
  ];
}

function strideCharts(events: readonly LoggedEvent[], epochs: readonly EpochEvent[]): Chart[] {
  const first = events.find((event) => event.type === 'start');
  if (!first || first.strides.length === 0) return [];
  const moments = [
    ...(first.step === 0 ? [{ at: 0, strides: first.strides, multiplyAdds: first.multiplyAdds }] : []),
    ...epochs.map(({ epoch, strides, multiplyAdds }) => ({ at: epoch + 1, strides, multiplyAdds })),
  ];
  const x = moments.map(({ at }) => at);
  /** Sides of one layer lie on each other as a rule: the second is dashed, and both can be seen. */
  const perSide = (of: (reading: StrideReading) => readonly number[]) =>
    first.strides.flatMap(({ layer }, i) => {
      const sides = Math.max(...moments.map(({ strides }) => of(strides[i]!).length));
      return Array.from({ length: sides }, (_, side) => ({
        label: sides === 1 ? layer : `${layer} ${side === 0 ? 'height' : 'width'}`,
        dashed: side > 0,
        values: moments.map(({ strides }) => of(strides[i]!)[side] ?? null),
      }));
    });
  const costs = moments.map(({ multiplyAdds }) => (multiplyAdds === undefined ? null : multiplyAdds / 1e6));
  return [
    { id: 'strides', title: 'Strides', x, series: perSide(({ strides }) => strides) },
    { id: 'maps', title: 'Sides of the maps that come out', x, series: perSide(({ to }) => to) },
    ...(costs.some((cost) => cost !== null)
      ? [
          {
            id: 'cost',
            title: 'Multiply-adds of one image, in millions',
            x,
            series: [{ label: 'millions', values: costs }],
          },
        ]
      : []),
  ];
}

export function epochsOf(events: readonly LoggedEvent[]): EpochEvent[] {
  return events.filter((event): event is LoggedEvent & EpochEvent => event.type === 'epoch');
}

function progress({ epoch, batch, batches }: StepEvent): number {
  return epoch + batch / batches;
}

function thinned<T>(list: readonly T[]): T[] {
  const every = Math.ceil(list.length / MOST_POINTS);
  return list.filter((_, i) => i % every === 0 || i === list.length - 1);
}

function align(x: readonly number[], points: readonly (readonly [number, number | undefined])[]): (number | null)[] {
  const values = new Map(points);
  return x.map((at) => values.get(at) ?? null);
}

export function pictureOfResponse({ rows, columns, weights }: Response, id: string): Picture {
  const bytes = Uint8Array.from(weights, (weight) => Math.round(255 * weight));
  return { id, width: columns, height: rows, bytes: Buffer.from(bytes).toString('base64') };
}

/** An image of one channel or three, its values spread over the whole range; undefined for anything else. */
export function pictureOfSample({ shape, values }: Sample, id: string): Picture | undefined {
  const [height, width, channels] = shape;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3)) return undefined;
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const level = (value: number) => Math.round((255 * (value - least)) / (most - least || 1));
  const bytes = new Uint8Array(height! * width! * 3);
  for (let i = 0; i < bytes.length; i++) bytes[i] = level(values[channels === 3 ? i : Math.floor(i / 3)]!);
  return { id, width: width!, height: height!, bytes: Buffer.from(bytes).toString('base64') };
}
