// The report of a run as one HTML file that needs nothing beside itself.
import { browserCode } from './browser-code.ts';
import { chartsOf, type Picture, pictureOfResponse, pictureOfSample, type ReportInput } from './data.ts';
import { chartPlaces, confusionTable, escapeHtml, maskPlaces, samplePlaces, strideTable, tiles } from './sections.ts';
import { STYLE } from './style.ts';

/** The whole file. */
export function renderReport(input: ReportInput): string {
  const { title, config, environment, evaluation, responses, strides } = input;
  const charts = chartsOf(input);
  const classes = evaluation?.confusion.length ?? 0;
  const names = Array.from({ length: classes }, (_, i) => input.classNames?.[i] ?? `class ${i}`);
  const { samples = [], mistakes = [] } = evaluation ?? {};
  const pictures = [
    ...responses.map((response, i) => pictureOfResponse(response, `mask-${i}`)),
    ...samples.map((sample, i) => pictureOfSample(sample, `sample-${i}`)),
    ...mistakes.map((sample, i) => pictureOfSample(sample, `mistake-${i}`)),
  ].filter((picture): picture is Picture => picture !== undefined);
  const overTime = new Set(['strides', 'maps', 'cost']);
  const { css, script } = browserCode();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${css}</style>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="muted">${escapeHtml(environment.created)} on ${escapeHtml(environment.device ?? environment.processor)}, Node ${escapeHtml(environment.node)}</p>
${tiles(input)}
<h2>Learning</h2>
${chartPlaces(charts.filter(({ id }) => !overTime.has(id)))}
${strides.length > 0 ? `<h2>Strides, and the maps that they imply</h2>${chartPlaces(charts.filter(({ id }) => overTime.has(id)))}` : ''}
${strideTable(strides, input)}
${maskPlaces(responses)}
${evaluation ? confusionTable(evaluation, names) : ''}
${samples.length > 0 ? `<h2>Sample predictions</h2>${samplePlaces(samples, 'sample', names)}` : ''}
${mistakes.length > 0 ? `<h2>Its surest mistakes</h2>${samplePlaces(mistakes, 'mistake', names)}` : ''}
<h2>Configuration</h2>
<pre>${escapeHtml(JSON.stringify(config, undefined, 2))}</pre>
<h2>Environment</h2>
<pre>${escapeHtml(JSON.stringify(environment, undefined, 2))}</pre>
</main>
<script>${script}</script>
<script>
page.drawCharts(${json(charts)}, uPlot);
page.paintPictures(${json(pictures)});
</script>
</body>
</html>
`;
}

/** JSON that a script element can hold: it must not end the element. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
