// The page: opens a backend, and starts, pauses and resets trainings.
import { showError } from './errors.js'; // first
import './style.css';
import * as tf from '@tensorflow/tfjs-core';
import { CHOICES, open } from './backend.js';
import { Curves } from './curves.js';
import { look } from './look.js';
import { Speed } from './speed.js';
import { STEPS, Training } from './training.js';
import { element, showLook, showNotes, showProgress, showState, showStatus } from './view.js';

/** Milliseconds between two looks; a look that takes long is followed by a longer rest, so that it stays a small part. */
const REST = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1000 : 100;

const curves = new Curves();
const speed = new Speed();
let backend;
let training;
let seed = 0;
let nextLook = 0;
let looking = Promise.resolve();

function tellProgress() {
  const { numTensors: tensors } = tf.memory();
  showProgress({ step: training.step, steps: STEPS, accuracy: curves.accuracy, speed: speed.now, tensors });
}

/** Looks at the training between two of its steps, and draws. */
function lookAt(current) {
  looking = lookAndDraw(current);
  return looking;
}

async function lookAndDraw(current) {
  const began = performance.now();
  const seen = await look(current);
  if (current !== training) return;
  curves.addStrides(current.step, seen.strides);
  curves.draw();
  showLook(seen, current.step);
  const now = performance.now();
  nextLook = now + Math.max(REST, 4 * (now - began));
}

/** A training at its beginning, with the strides of the sliders; the one before it ends. */
async function reset() {
  showState('opening');
  const before = training;
  training = undefined;
  await looking; // at a model that is about to go
  await before?.dispose();
  curves.clear();
  speed.restart();
  const strides = ['down', 'across'].map((id) => Number(element(id).value));
  const current = new Training(strides, ++seed, {
    stepped: (event) => {
      if (current !== training) return; // the last step of one that is being ended
      curves.addStep(event);
      speed.add(event.images);
      tellProgress();
    },
    between: () => (performance.now() < nextLook ? undefined : lookAt(current)),
  });
  training = current;
  tellProgress();
  await lookAt(current);
  showState('ready');
}

async function start() {
  const current = training;
  speed.restart();
  showState('training');
  if (current.isBegun) return current.resume();
  const reason = await backend.guard(() => current.run());
  if (reason !== 'finished' || current !== training) return;
  await lookAt(current);
  if (current === training) showState('finished');
}

function pause() {
  training.pause();
  showState('paused');
}

async function begin() {
  const choice = new URLSearchParams(location.search).get('backend') ?? '';
  for (const name of CHOICES) element('backend').add(new Option(name, name, false, name === choice));
  if (choice && !CHOICES.includes(choice)) {
    return showError(`There is no backend "${choice}". Choose one of the list.`);
  }
  const notices = [];
  try {
    backend = await open(choice, (notice) => notices.push(notice));
  } catch (error) {
    const reasons = notices.map(({ backend, reason }) => `${backend}: ${reason}.`).join(' ') || error.message;
    return showError(`There is no backend to train on. ${reasons} Choose another one of the list.`);
  } finally {
    showNotes(notices);
  }
  document.documentElement.dataset.backend = backend.name;
  showStatus(`Running on ${backend.device}.`);
  backend.lost.then(({ device }) => {
    showError(`${device} was lost, as when a driver is reset or the computer sleeps. Reload the page to begin anew.`);
  });
  await reset();
}

for (const id of ['down', 'across']) {
  const show = () => {
    element(`${id}-value`).textContent = Number(element(id).value).toFixed(1);
  };
  show();
  element(id).addEventListener('input', show);
  element(id).addEventListener('change', reset);
}
element('start').addEventListener('click', start);
element('pause').addEventListener('click', pause);
element('reset').addEventListener('click', reset);
// A page with another backend is another page: TF.js then starts from nothing.
element('backend').addEventListener('change', ({ target }) => {
  location.search = target.value && `?backend=${target.value}`;
});
await begin();
