// Whether TF.js runs our kernels now: a step that was recorded with others is another step.
let registered = false;

export const areRegistered = (): boolean => registered;

export function setRegistered(value: boolean): void {
  registered = value;
}
