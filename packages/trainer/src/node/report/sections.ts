// The report's parts that are plain HTML.
import type { Evaluation, Sample } from '../../evaluate.ts';
import type { StrideReading } from '../../events.ts';
import { duration } from '../../progress-lines.ts';
import { type Chart, epochsOf, type ReportInput } from './data.ts';
import type { Response } from './responses.ts';

export function escapeHtml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (letter) => names[letter]!);
}

const percent = (part: number) => `${(100 * part).toFixed(2)}%`;

export function tiles({ events, evaluation }: ReportInput): string {
  const start = events.find((event) => event.type === 'start');
  const epochs = epochsOf(events);
  const last = epochs.at(-1);
  const best = epochs.filter(({ best }) => best).at(-1);
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const facts: [string, string | undefined][] = [
    [`Accuracy on ${evaluation?.count.toLocaleString('en')} test images`, evaluation && percent(evaluation.accuracy)],
    ['Test loss', evaluation?.loss.toFixed(4)],
    ['Best validation accuracy', best?.validationAccuracy === undefined ? undefined : percent(best.validationAccuracy)],
    ['Best epoch', best && `${best.epoch + 1} of ${epochs.length}`],
    ['Training loss at the end', last?.loss.toFixed(4)],
    ['Trainable parameters', start?.trainableParameters.toLocaleString('en')],
    ['Multiply-adds, one image', last?.multiplyAdds ? `${(last.multiplyAdds / 1e6).toFixed(1)} M` : undefined],
    ['Images a second', last && Math.round(last.imagesPerSecond).toLocaleString('en')],
    ['Time in training', epochs.length > 0 ? duration(seconds) : undefined],
    ['Backend', start?.backend],
  ];
  const shown = facts.filter((fact): fact is [string, string] => Boolean(fact[1]));
  const entries = shown.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`);
  return `<dl class="tiles">${entries.join('')}</dl>`;
}

export function chartPlaces(charts: readonly Chart[]): string {
  const places = charts.map(
    ({ id, title }) =>
      `<figure><figcaption>${escapeHtml(title)}</figcaption><div id="chart-${id}" role="img" aria-label="${escapeHtml(title)}"></div></figure>`,
  );
  return `<div class="charts">${places.join('')}</div>`;
}

export function strideTable(now: readonly StrideReading[], { events }: ReportInput): string {
  if (now.length === 0) return '';
  const first = events.find((event) => event.type === 'start')?.strides ?? [];
  const sizes = (sides: readonly number[]) => sides.join(' x ') || '–';
  const strides = (reading?: StrideReading) => reading?.strides.map((stride) => stride.toFixed(3)).join(' x ') ?? '–';
  const rows = now.map((reading) => {
    const start = first.find(({ layer }) => layer === reading.layer);
    const cells = [
      strides(start),
      strides(reading),
      sizes(reading.from),
      start ? sizes(start.to) : '–',
      sizes(reading.to),
      reading.learned ? 'yes' : 'no',
    ];
    return `<tr><th>${escapeHtml(reading.layer)}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const heads = [
    'Layer',
    'Strides at the start',
    'at the end',
    'Map in',
    'Map out at the start',
    'at the end',
    'Learned',
  ];
  return `<div class="scroll"><table><thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead>
<tbody>${rows.join('')}</tbody></table></div>`;
}

export function maskPlaces(responses: readonly Response[]): string {
  if (responses.length === 0) return '';
  const places = responses.map(
    (
      { layer, rows, columns },
      i,
    ) => `<figure><figcaption>${escapeHtml(layer)}<small>${rows} x ${columns} frequencies</small></figcaption>
<canvas id="mask-${i}" role="img" aria-label="Mask of ${escapeHtml(layer)}" style="aspect-ratio: ${columns} / ${rows}"></canvas></figure>`,
  );
  return `<h2>Masks at the end</h2>
<p class="muted">What each layer lets through of every frequency of its input: all where it is full, nothing where it is blank.
Zero is in the middle of the left edge; up and down are the vertical frequencies, to the right the horizontal ones.</p>
<div class="masks">${places.join('')}</div>`;
}

export function confusionTable({ confusion, count, accuracy }: Evaluation, names: readonly string[]): string {
  const heads = names.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const rows = confusion.map((row, label) => {
    const total = row.reduce((sum, cell) => sum + cell, 0);
    const cells = row.map((cell, predicted) => {
      const share = total > 0 ? cell / total : 0;
      const ink = label === predicted ? 'var(--series-3)' : 'var(--series-2)';
      const tint = Math.round(100 * Math.sqrt(share) * 0.6);
      return `<td style="background: color-mix(in srgb, ${ink} ${tint}%, transparent)">${cell || ''}</td>`;
    });
    const recognized = total > 0 ? percent(row[label]! / total) : '–';
    return `<tr><th scope="row">${escapeHtml(names[label]!)}</th>${cells.join('')}<td>${recognized}</td></tr>`;
  });
  return `<h2>Confusion matrix</h2>
<p class="muted">${count.toLocaleString('en')} test images, ${percent(accuracy)} recognized. A row for each class, a column for
what the model said; the last column is the part of the class that it recognized.</p>
<div class="scroll"><table class="confusion"><thead><tr><th>is \\ said</th>${heads}<th scope="col">recognized</th></tr></thead>
<tbody>${rows.join('')}</tbody></table></div>`;
}

export function samplePlaces(samples: readonly Sample[], prefix: string, names: readonly string[]): string {
  const places = samples.map(({ label, predicted, probability }, i) => {
    const wrong = label !== predicted;
    const truth = wrong ? `<br><span class="muted">is ${escapeHtml(names[label]!)}</span>` : '';
    return `<figure class="${wrong ? 'wrong' : 'right'}"><canvas id="${prefix}-${i}"></canvas>
${escapeHtml(names[predicted]!)} ${(100 * probability).toFixed(0)}%${truth}</figure>`;
  });
  return `<div class="samples">${places.join('')}</div>`;
}
