// How long a device lives, and what happens to work that outlives it.

/** A driver may fail the work a moment before it says that the device is lost: errors wait so long for that. */
const GRACE_MS = 50;
/** Reading fails for hardly any other reason, and a busy browser takes its time to say so. */
const READING_GRACE_MS = 5000;

export class Lifetime<Lost extends Error> {
  readonly lost: Promise<Lost>;
  readonly #errorOf: (device: string, reason: string, detail: string) => Lost;
  #error: Lost | undefined;
  #tell!: (error: Lost) => void;
  // A set, not Promise.race against `lost`: a promise that lives for days would keep a reaction for every race.
  readonly #waiting = new Set<(error: Lost) => void>();

  /** With what names the loss. */
  constructor(errorOf: (device: string, reason: string, detail: string) => Lost) {
    this.#errorOf = errorOf;
    this.lost = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  lose(device: string, reason: string, detail = ''): void {
    if (this.#error) return;
    this.#error = this.#errorOf(device, reason, detail);
    this.#tell(this.#error);
    for (const reject of this.#waiting) reject(this.#error);
    this.#waiting.clear();
  }

  guardReading<T>(reading: Promise<T>): Promise<T> {
    return this.guard(reading, READING_GRACE_MS);
  }

  guard<T>(work: PromiseLike<T> | (() => T | PromiseLike<T>), graceMs = GRACE_MS): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (typeof work === 'function' && this.#error) return reject(this.#error);
      this.#waiting.add(reject);
      const done = new Promise<T>((start) => start(typeof work === 'function' ? work() : work));
      done
        .then(resolve, async (error: unknown) => reject(await this.#causeOf(error, graceMs)))
        .finally(() => this.#waiting.delete(reject));
      if (this.#error) reject(this.#error);
    });
  }

  async #causeOf(error: unknown, graceMs: number): Promise<unknown> {
    if (!this.#error) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([this.lost, grace]);
      clearTimeout(timer);
    }
    return this.#error ?? error;
  }
}
