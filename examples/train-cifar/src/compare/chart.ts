// The table as a picture: a dot for each run, a bar for their mean and spread, rows under their strides.
import { accuraciesOf, labelOf, type RowResults, spreadOf } from './table.ts';

const LEFT = 190;
const WIDTH = 760;
const RIGHT = 70;
const ROW = 30;
const HEAD = 34;
const FOOT = 46;

const STYLE = `
  text { font: 14px system-ui, sans-serif; fill: #24292f }
  .head { font-weight: 600 } .tick, .axis { fill: #57606a; font-size: 12px }
  line { stroke: #d0d7de } .spread { stroke: #0969da; stroke-width: 10; opacity: .25 }
  .mean { stroke: #0969da; stroke-width: 3 } circle { fill: #0969da; opacity: .8 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .tick, .axis { fill: #9198a1 } line { stroke: #3d444d }
    .spread, .mean { stroke: #4493f8 } circle { fill: #4493f8 }
  }`;

/** An SVG document. */
export function chartOf(rows: readonly RowResults[], caption: string): string {
  const measured = rows.filter(({ results }) => results.length > 0);
  const { ticks, place } = scaleOf(measured.flatMap(reachOf));
  const parts: string[] = [];
  let y = 12;
  let group: string | undefined;
  for (const row of measured) {
    if (row.strides !== group) {
      group = row.strides;
      parts.push(`<text class="head" x="12" y="${y + 20}">strides ${escaped(group)}</text>`);
      y += HEAD;
    }
    parts.push(...rowOf(row, y + ROW / 2, place));
    y += ROW;
  }
  const grid = ticks.flatMap((tick) => [
    `<line x1="${place(tick)}" x2="${place(tick)}" y1="12" y2="${y}"/>`,
    `<text class="tick" text-anchor="middle" x="${place(tick)}" y="${y + 18}">${tick}%</text>`,
  ]);
  const height = y + FOOT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>Test accuracy by pooling and strides</title><style>${STYLE}</style>`,
    ...grid,
    ...parts,
    `<text class="axis" x="12" y="${height - 8}">${escaped(caption)}</text>`,
    '</svg>\n',
  ].join('\n');
}

function rowOf(row: RowResults, y: number, place: (value: number) => number): string[] {
  const values = accuraciesOf(row);
  const { mean, deviation } = spreadOf(values);
  const [x, from, to] = [mean, mean - deviation, mean + deviation].map(place) as [number, number, number];
  return [
    `<text x="12" y="${y + 5}">${escaped(labelOf(row))}</text>`,
    ...(deviation > 0 ? [`<line class="spread" x1="${from}" x2="${to}" y1="${y}" y2="${y}"/>`] : []),
    `<line class="mean" x1="${x}" x2="${x}" y1="${y - 9}" y2="${y + 9}"/>`,
    ...values.map((value) => `<circle cx="${place(value)}" cy="${y}" r="3.5"/>`),
    `<text x="${WIDTH - RIGHT + 16}" y="${y + 5}">${mean.toFixed(1)}</text>`,
  ];
}

/** Everything of a row that must lie within the axis: with few runs, the spread reaches further than they do. */
function reachOf(row: RowResults): number[] {
  const values = accuraciesOf(row);
  const { mean, deviation } = spreadOf(values);
  return [...values, mean - deviation, mean + deviation];
}

/** Ticks at round numbers around the values, and where a value lies. */
function scaleOf(values: readonly number[]) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const step = [1, 2, 5, 10, 20].find((size) => (most - least) / size <= 6) ?? 25;
  const start = Math.floor((least - step / 2) / step) * step;
  const end = Math.ceil((most + step / 2) / step) * step;
  const ticks = Array.from({ length: Math.round((end - start) / step) + 1 }, (_, i) => start + i * step);
  const place = (value: number) =>
    Math.round((LEFT + ((value - start) / (end - start)) * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  return { ticks, place };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
