// One table of everything that was measured, with what the peer measured on the same machine beside it.
import { markdownTable } from '../harness.ts';
import type { PeerName, Row } from './section.ts';

/** Milliseconds of a step by the peer's setting, such as `bf16 channels-last`. */
export type Peers = Partial<Record<PeerName, Readonly<Record<string, number>>>>;

/** Reads what the peer's script printed: `strided    bf16 channels-last       6.60 ms/step`, and its first line, which names it. */
export function parsePeer(text: string): { peers: Peers; lines: string[] } {
  const peers: Partial<Record<PeerName, Record<string, number>>> = {};
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const [, name, setting, ms] = /^(strided|diffstride)\s+(\S.*?)\s+([\d.]+) ms\/step\s*$/.exec(line) ?? [];
    if (name) {
      peers[name as PeerName] ??= {};
      peers[name as PeerName]![setting!] = Number(ms);
    } else if (/\bbatch \d+\s*$/.test(line)) lines.push(line.trim());
  }
  return { peers, lines };
}

const HEADER = ['what', 'measured', 'stock TF.js', 'against stock', "peer's best", 'against the peer', 'asked for'];

export function tableOf(rows: readonly Row[], peers: Peers): string {
  return markdownTable(
    HEADER,
    rows.map(({ what, value, unit, stock, peer, asked = '' }) => {
      const best = peer && bestOf(peers[peer]);
      const better = unit === 'TFLOP/s' || unit === 'GB/s' ? 1 : -1;
      return [
        what,
        cell(value, unit),
        stock === undefined ? '' : cell(stock, unit),
        stock === undefined ? '' : `${digits((value / stock) ** better)} x as fast`,
        best ? `${cell(best.ms, 'ms')} (${best.setting})` : '',
        best ? `${digits(value / best.ms)} x its time` : '',
        asked,
      ];
    }),
  );
}

/** The same sections in another environment. */
export interface Variant {
  /** Variables and their values, as one writes them before a command. */
  name: string;
  rows: readonly Row[];
}

/** What each variant makes of the rows that a plain run has. */
export function variantsTable(plain: readonly Row[], variants: readonly Variant[]): string {
  return markdownTable(
    ['what', 'as it is', ...variants.map(({ name }) => `\`${name}\``)],
    plain.map(({ what, value, unit }) => [
      what,
      cell(value, unit),
      ...variants.map(({ rows }) => {
        const other = rows.find((row) => row.what === what);
        return other ? `${cell(other.value, unit)}, ${digits(other.value / value)} x` : '';
      }),
    ]),
  );
}

function bestOf(settings: Readonly<Record<string, number>> = {}): { setting: string; ms: number } | undefined {
  const [first] = Object.entries(settings).sort(([, a], [, b]) => a - b);
  return first && { setting: first[0], ms: first[1] };
}

function cell(value: number, unit: Row['unit']): string {
  return unit === '' ? String(value) : `${digits(value)} ${unit}`;
}

function digits(value: number): string {
  return value >= 100
    ? value.toFixed(0)
    : value >= 10
      ? value.toFixed(1)
      : value >= 0.1
        ? value.toFixed(2)
        : value.toPrecision(2);
}
