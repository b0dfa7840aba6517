// What stands on the page: numbers, pictures, words. Tests read the data attributes of <html>.
import { SIZE, WAVES } from './data.js';
import { samplePictures } from './look.js';
import { maskOf } from './mask.js';
import { paintMask, paintPicture } from './paint.js';
import { onThemeChange } from './theme.js';

const html = document.documentElement;
export const element = (id) => document.getElementById(id);

/** opening, ready, training, paused or finished; errors.js has the last one, failed. */
export function showState(state) {
  if (html.dataset.state === 'failed') return; // for good
  html.dataset.state = state;
  const may = (id, states) => {
    element(id).disabled = !states.includes(state);
  };
  may('start', ['ready', 'paused']);
  may('pause', ['training']);
  for (const id of ['reset', 'down', 'across']) may(id, ['ready', 'training', 'paused', 'finished']);
  element('start').textContent = state === 'paused' ? 'Go on' : 'Start';
}

export function showStatus(words) {
  element('status').textContent = words;
}

export function showNotes(notes) {
  const items = notes.map(({ backend, reason, mend }) => {
    const item = document.createElement('li');
    // What a program would write, a visitor chooses from the list above.
    const advice = mend?.split('; prefer')[0];
    item.textContent = `${backend}: ${reason}${advice ? ` (${advice})` : ''}`;
    return item;
  });
  element('notes')
    .querySelector('ul')
    .replaceChildren(...items);
  element('notes').hidden = items.length === 0;
}

const drawn = samplePictures.map(({ label, picture }) => {
  const sample = document.createElement('div');
  sample.className = 'sample';
  sample.innerHTML = '<span></span><canvas role="img"></canvas><div class="map"><canvas role="img"></canvas></div>';
  element('samples').append(sample);
  const [whole, map] = sample.querySelectorAll('canvas');
  paintPicture(whole, picture, SIZE, SIZE);
  whole.setAttribute('aria-label', `Picture with ${WAVES[label]} standing stripes`);
  map.setAttribute('aria-label', `What the layer makes of ${WAVES[label]} standing stripes`);
  return { label, map, words: sample.querySelector('span') };
});

let mask;
onThemeChange(() => mask && paintMask(element('mask'), mask));

/** How far a training is; `accuracy` and `speed` are undefined as long as there are none. */
export function showProgress({ step, steps, accuracy, speed, tensors }) {
  Object.assign(html.dataset, { step, accuracy: accuracy ?? '', tensors });
  element('step').textContent = `${step} of ${steps}`;
  element('accuracy').textContent = accuracy === undefined ? '–' : `${(100 * accuracy).toFixed(0)} %`;
  element('speed').textContent = speed === undefined ? '–' : Math.round(speed).toLocaleString('en');
}

/** What `look` saw of a training that is at a step. */
export function showLook({ strides, height, width, samples }, step) {
  html.dataset.strides = strides.join();
  const [down, across] = strides.map((stride) => stride.toFixed(2));
  element('stride-down').textContent = down;
  element('stride-across').textContent = across;
  element('map').textContent = `${height} x ${width}`;
  element('chart-strides').setAttribute('aria-label', `Strides over steps, now ${down} down and ${across} across`);
  mask = maskOf(strides);
  paintMask(element('mask'), mask);
  for (const [i, { takenFor, map }] of samples.entries()) {
    const { label, words, map: canvas } = drawn[i];
    paintPicture(canvas, map, height, width);
    const right = takenFor === label;
    const verdict = step ? `taken for ${WAVES[takenFor]} ${right ? '✓' : '✗'}` : 'nothing learned yet';
    words.replaceChildren(`${WAVES[label]} stripes`, document.createElement('br'), verdict);
    words.className = right || !step ? '' : 'wrong';
  }
}
