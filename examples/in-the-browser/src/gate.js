// A gate in the way of a loop, which passes while it is open and waits while it is closed.

export class Gate {
  #opened = Promise.resolve();
  #open = () => {};
  #isOpen = true;

  open() {
    this.#isOpen = true;
    this.#open();
  }

  close() {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  passed() {
    return this.#opened;
  }
}
