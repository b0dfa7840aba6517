// Puts gradients in the place of those that TF.js has registered, for the wasm backend alone.
import {
  engine,
  type GradConfig,
  getBackend,
  getGradient,
  type NamedAttrMap,
  registerGradient,
  type Tensor,
} from '@tensorflow/tfjs-core';

export interface WasmGradient {
  kernelName: string;
  /** Whether it takes this case; what it does not take is left to TF.js. */
  takes(saved: Tensor[], attrs: NamedAttrMap): boolean;
  gradient(dy: Tensor, saved: Tensor[], attrs: NamedAttrMap): Record<string, () => Tensor>;
}

/** What TF.js had registered, by the gradient that took its place. */
const replaced = new Map<GradConfig, GradConfig>();

/** Wraps those gradients that TF.js has registered by now. Safe to call again, whenever it may have registered more. */
export function replaceGradients(gradients: readonly WasmGradient[]): void {
  for (const { kernelName, takes, gradient } of gradients) {
    const original = getGradient(kernelName);
    if (!original || replaced.has(original)) continue;
    const wrapped: GradConfig = {
      ...original,
      gradFunc(dy, saved, attrs) {
        // Ours are not differentiable again: inside of another gradient, TF.js's own is asked.
        const isOutermost = engine().state.gradientDepth === 0;
        return isOutermost && getBackend() === 'wasm' && takes(saved, attrs)
          ? gradient(dy as Tensor, saved, attrs)
          : original.gradFunc(dy, saved, attrs);
      },
    };
    replaced.set(wrapped, original);
    registerGradient(wrapped);
  }
}

/** Puts TF.js's own gradients back, where they are still replaced. */
export function restoreGradients(): void {
  for (const [wrapped, original] of replaced) {
    if (getGradient(original.kernelName) === wrapped) registerGradient(original);
  }
  replaced.clear();
}
