// What runs in the report's page. From the sources each function is written into it by its own text, so that it may use nothing
// but what it is handed and what browsers have.
import type uPlot from 'uplot';
import type { Chart, Picture } from './data.ts';

/** Draws the charts into the elements of their names, and again when the theme or the width changes. */
export function drawCharts(charts: Chart[], Plot: typeof uPlot): void {
  const theme = matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Map<string, uPlot>();
  const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const number = (value: number | null) => {
    if (value === null || value === undefined) return '–';
    const size = Math.abs(value);
    if (size > 0 && size < 0.001) return value.toExponential(2);
    return size >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(4)));
  };
  const draw = (chart: Chart) => {
    const place = document.getElementById(`chart-${chart.id}`);
    if (!place) return;
    drawn.get(chart.id)?.destroy();
    const written = (value: number | null) =>
      chart.percent && value !== null && value !== undefined ? `${(100 * value).toFixed(1)}%` : number(value);
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
    const bold = chart.series.filter(({ faint }) => !faint);
    const series = chart.series.map((one) => ({
      label: one.label,
      stroke: one.faint ? colour('--faint') : colour(`--series-${(bold.indexOf(one) % 7) + 1}`),
      width: one.faint ? 1 : 2,
      dash: one.dashed ? [6, 5] : undefined,
      spanGaps: true,
      points: { show: !one.faint && chart.x.length < 40, size: 5 },
      paths: one.steps ? Plot.paths.stepped?.({ align: 1 }) : undefined,
      value: (_: uPlot, value: number | null) => written(value),
    }));
    const options: uPlot.Options = {
      width: place.clientWidth,
      height: Math.min(280, Math.max(200, place.clientWidth * 0.55)),
      scales: { x: { time: false } },
      axes: [
        { ...axis, values: (_, values) => values.map(number) },
        { ...axis, size: 56, values: (_, values) => values.map(written) },
      ],
      cursor: { y: false },
      // Where nothing is pointed at, the legend tells the last values.
      hooks: {
        setCursor: [(plot) => plot.cursor.idx == null && plot.setLegend({ idx: chart.x.length - 1 }, false)],
        ready: [(plot) => plot.setLegend({ idx: chart.x.length - 1 }, false)],
      },
      series: [{ label: 'epoch', value: (_, value) => (value === null ? '–' : value.toFixed(2)) }, ...series],
    };
    drawn.set(chart.id, new Plot(options, [chart.x, ...chart.series.map(({ values }) => values)], place));
  };
  const drawAll = () => charts.forEach(draw);
  drawAll();
  theme.addEventListener('change', drawAll);
  let width = document.documentElement.clientWidth;
  addEventListener('resize', () => {
    if (document.documentElement.clientWidth === width) return;
    width = document.documentElement.clientWidth;
    drawAll();
  });
}

/** Paints the pictures onto the canvases of their names: colours as they are, grey levels in the theme's ink. */
export function paintPictures(pictures: Picture[]): void {
  for (const { id, width, height, bytes } of pictures) {
    const canvas = document.getElementById(id) as HTMLCanvasElement | null;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) continue;
    const raw = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
    const coloured = raw.length === width * height * 3;
    canvas.width = width;
    canvas.height = height;
    const image = context.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      for (let channel = 0; channel < 3; channel++) image.data[4 * i + channel] = coloured ? raw[3 * i + channel]! : 0;
      image.data[4 * i + 3] = 255;
      if (coloured) continue;
      // From nothing to the first series' colour, over any background.
      image.data.set([46, 111, 219, raw[i]!], 4 * i);
    }
    context.putImageData(image, 0, 0);
  }
}
