// Images a second, as the visitor gets them: drawing and all, pauses left out.

export class Speed {
  #images = 0;
  #began = 0;
  /** Over the second before last; nothing until there is one. */
  now;

  restart() {
    this.#images = 0;
    this.#began = performance.now();
    this.now = undefined;
  }

  add(images) {
    this.#images += images;
    const seconds = (performance.now() - this.#began) / 1000;
    if (seconds < 1) return;
    this.now = this.#images / seconds;
    this.#images = 0;
    this.#began = performance.now();
  }
}
