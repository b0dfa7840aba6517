// Gradients in the place of those that TF.js has registered, for one backend alone.
import {
  engine,
  type GradConfig,
  getBackend,
  getGradient,
  type NamedAttrMap,
  registerGradient,
  type Tensor,
} from '@tensorflow/tfjs-core';

export interface BackendGradient {
  kernelName: string;
  /** Whether it takes this case; what it does not take is left to TF.js. */
  takes(saved: Tensor[], attrs: NamedAttrMap): boolean;
  gradient(dy: Tensor, saved: Tensor[], attrs: NamedAttrMap): Record<string, () => Tensor>;
}

export interface GradientRegistration {
  /** Wraps those gradients that TF.js has registered by now. Safe to call again, whenever it may have registered more. */
  register(): void;
  /** Puts TF.js's own gradients back, where they are still replaced. */
  restore(): void;
}

export function gradientsOf(backendName: string, gradients: readonly BackendGradient[]): GradientRegistration {
  /** What TF.js had registered, by the gradient that took its place. */
  const replaced = new Map<GradConfig, GradConfig>();
  const wrap = (original: GradConfig, { takes, gradient }: BackendGradient): GradConfig => ({
    ...original,
    gradFunc(dy, saved, attrs) {
      // Ours are not differentiable again: inside of another gradient, TF.js's own is asked.
      const isOutermost = engine().state.gradientDepth === 0;
      return isOutermost && getBackend() === backendName && takes(saved, attrs)
        ? gradient(dy as Tensor, saved, attrs)
        : original.gradFunc(dy, saved, attrs);
    },
  });
  return {
    register() {
      for (const own of gradients) {
        const original = getGradient(own.kernelName);
        if (!original || replaced.has(original)) continue;
        const wrapped = wrap(original, own);
        replaced.set(wrapped, original);
        registerGradient(wrapped);
      }
    },
    restore() {
      for (const [wrapped, original] of replaced) {
        if (getGradient(original.kernelName) === wrapped) registerGradient(original);
      }
      replaced.clear();
    },
  };
}
