// The GPU's numbers: sections that run one by one, and the table that they fill.
import { checkedDevice, packFrom, tapsInside } from './device.ts';
import { operationSections } from './operations.ts';
import type { Row, Section, SectionRequest, SectionResult } from './section.ts';
import { stepSections } from './steps.ts';

export { openGpu, setPrecision } from './device.ts';
export type { Row, Section, SectionName, SectionRequest, SectionResult } from './section.ts';
export { type Peers, parsePeer, tableOf, type Variant, variantsTable } from './table.ts';

const [limits, ...operations] = operationSections;

/** In the order of their worth, for a run that ends early. */
export const sections: readonly Section[] = [limits!, ...stepSections, ...operations];

export async function runSection({ name, ...request }: SectionRequest): Promise<SectionResult> {
  const start = performance.now();
  const result: SectionResult = { device: '', rows: [], lines: [], absent: [], seconds: 0 };
  if (packFrom !== undefined) result.lines.push(`Products pack operands from ${packFrom} on.`);
  if (!tapsInside) result.lines.push('Convolutions multiply all channels of a tap before the next tap.');
  const section = sections.find((one) => one.name === name)!;
  await section.run({
    ...request,
    row: (row: Row) => result.rows.push(row),
    line: (line) => result.lines.push(line),
    absent: (what) => result.absent.push(what),
  });
  result.device = await checkedDevice();
  result.seconds = (performance.now() - start) / 1000;
  return result;
}
