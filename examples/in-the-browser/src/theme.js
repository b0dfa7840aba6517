// The colours of the page, for what is drawn on canvases, which style sheets do not reach.

const dark = matchMedia('(prefers-color-scheme: dark)');

/** The value of a custom property of style.css, such as `--line`. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function onThemeChange(draw) {
  dark.addEventListener('change', draw);
}
