/** Properties of objects in the place of those that they have, until they are put back. */
export class Overrides {
  private readonly undoing: (() => void)[] = [];

  set<T extends object, K extends keyof T>(target: T, name: K, value: T[K]): void {
    this.define(target, name, { value, writable: true });
  }

  define(target: object, name: PropertyKey, descriptor: PropertyDescriptor): void {
    const before = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { ...descriptor, configurable: true, enumerable: true });
    this.undoing.push(() => {
      if (before) Object.defineProperty(target, name, before);
      else Reflect.deleteProperty(target, name);
    });
  }

  undo(): void {
    for (const undo of this.undoing.splice(0).reverse()) undo();
  }
}
