// Curves over steps, drawn by uPlot in the colours of the page, anew when those or the width change.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colour, onThemeChange } from './theme.js';

const LEGEND = 32; // pixels, below the curves

/** `lines` are {label, colour, scale, dash}; `scales` are uPlot's, `axes` {scale, side, values}. */
export function chart(place, { lines, scales, axes }) {
  let data = [[], ...lines.map(() => [])];
  let plot;
  const size = () => ({ width: Math.max(place.clientWidth, 100), height: place.clientHeight - LEGEND });
  const make = () => {
    plot?.destroy();
    const look = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
    const options = {
      ...size(),
      scales: { x: { time: false, range: (_, __, last) => [0, Math.max(100, last ?? 0)] }, ...scales },
      axes: [{ ...look, size: 30 }, ...axes.map((axis) => ({ ...look, size: 44, ...axis }))],
      legend: { live: false },
      cursor: { show: false },
      series: [{ label: 'step' }, ...lines.map((line) => ({ ...line, stroke: colour(line.colour), width: 2 }))],
    };
    plot = new uPlot(options, data, place);
  };
  make();
  onThemeChange(make);
  new ResizeObserver(() => plot.setSize(size())).observe(place);
  return {
    /** Steps, then the values of each line. */
    draw(columns) {
      data = columns;
      plot.setData(data);
    },
  };
}
