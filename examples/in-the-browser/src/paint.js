// Pictures, maps and the mask, on canvases.
import { DISTURBANCE, SIZE, WAVES } from './data.js';
import { colour } from './theme.js';

/** Grey levels of a picture; zero is the middle, and what lies beyond 2.5 deviations is black or white. */
export function paintPicture(canvas, values, height, width) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length) || 1;
  for (const [i, value] of values.entries()) {
    const grey = 128 + (value / deviation / 2.5) * 127;
    image.data.set([grey, grey, grey, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
  // A map keeps the scale of its picture.
  canvas.style.width = `${(100 * width) / SIZE}%`;
}

const PIXELS = 10;
const SIDE = PIXELS * (SIZE + 1);

/** The mask over frequencies from -SIZE/2 to SIZE/2, and on it where the classes and the disturbance lie. */
export function paintMask(canvas, mask) {
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext('2d');
  for (const [y, row] of mask.entries()) {
    for (const [x, weight] of row.entries()) {
      context.fillStyle = `rgba(${colour('--mask')}, ${0.5 * weight})`;
      context.fillRect(x * PIXELS, y * PIXELS, PIXELS, PIXELS);
    }
  }
  const at = (frequency) => (SIZE / 2 + frequency + 0.5) * PIXELS;
  for (const sign of [-1, 1]) {
    context.fillStyle = colour('--down');
    const [near, far] = DISTURBANCE.map((frequency) => at(sign * frequency));
    context.fillRect(at(0) - 2, Math.min(near, far), 4, Math.abs(far - near));
    context.fillStyle = colour('--across');
    for (const waves of WAVES) {
      context.beginPath();
      context.arc(at(sign * waves), at(0), 4.5, 0, 2 * Math.PI);
      context.fill();
    }
  }
}
