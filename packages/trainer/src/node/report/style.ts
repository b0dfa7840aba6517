// The report's looks: one column on a phone, two on a desk, light or dark as the reader's system is.
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f6f7f9; --text: #1a1d21; --muted: #5c6570; --line: #e1e4e8; --faint: #b9c0c8;
  --series-1: #2e6fdb; --series-2: #d9580d; --series-3: #17864f; --series-4: #a33ea1;
  --series-5: #b38600; --series-6: #0e8a96; --series-7: #c2294b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --card: #1d2126; --text: #e8eaed; --muted: #a0a8b2; --line: #32383f; --faint: #505963;
    --series-1: #7db0ff; --series-2: #ff9d5c; --series-3: #5fcf96; --series-4: #dd8bdb;
    --series-5: #e3bd4a; --series-6: #5cc9d4; --series-7: #ff7d99;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1100px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 40px 0 12px; }
p { margin: 0 0 12px; max-width: 70ch; }
.muted { color: var(--muted); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin: 20px 0; padding: 0; }
.tiles div, figure { background: var(--card); border-radius: 10px; padding: 12px 14px; }
.tiles dt { color: var(--muted); font-size: 0.85rem; }
.tiles dd { margin: 0; font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; margin-bottom: 6px; }
figcaption small { display: block; font-weight: 400; color: var(--muted); }
.uplot, .u-legend { font: inherit; font-size: 0.85rem; max-width: 100%; }
.u-legend { text-align: left; color: var(--text); }
.scroll { overflow-x: auto; }
.charts + .scroll { margin-top: 16px; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { padding: 4px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child { text-align: left; }
.u-legend th, .u-legend td { border: 0; padding: 2px 4px; }
thead th { color: var(--muted); font-weight: 500; vertical-align: bottom; }
.confusion td { text-align: center; padding: 4px 6px; min-width: 2.6em; border: 0; }
.confusion thead th { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; padding: 6px 2px; border: 0; }
.confusion thead th:first-child { writing-mode: initial; transform: none; }
.confusion tbody th { font-weight: 400; border: 0; }
.masks { display: flex; flex-wrap: wrap; gap: 16px; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(100px, 1fr)); gap: 10px; }
.masks canvas { height: 180px; min-width: 90px; background: var(--page); border: 1px solid var(--line); }
.samples figure { padding: 8px; font-size: 0.8rem; line-height: 1.3; overflow-wrap: anywhere; }
.samples canvas { width: 100%; aspect-ratio: 1; border-radius: 4px; display: block; margin-bottom: 4px; }
canvas { image-rendering: pixelated; }
.samples .wrong { outline: 2px solid var(--series-2); }
pre { background: var(--card); border-radius: 10px; padding: 14px; overflow-x: auto; font-size: 0.85rem; }
`;
