// WebGL, in browsers.

import { isSoftwareName } from '@stridelab/gpu-device';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import * as tf from '@tensorflow/tfjs-core';
import { type Engine, type OpenRequest, type Running, Unavailable } from '../engine.ts';
import { activate, importFailure } from './activate.ts';

const PACKAGE = '@tensorflow/tfjs-backend-webgl';
const MEND = 'turn on hardware acceleration in the browser';

export const webgl = webglEngine('webgl');
export const webglSoftware = webglEngine('webgl-software');

function webglEngine(name: 'webgl' | 'webgl-software'): Engine {
  return {
    name,
    packages: [PACKAGE],
    tellsApart: ['float16'],
    async open(request) {
      const renderer = findRenderer();
      const software = isSoftwareName(renderer);
      if (software !== (name === 'webgl-software')) throw wrongKind(renderer, software);
      try {
        await import('@tensorflow/tfjs-backend-webgl');
      } catch (error) {
        throw importFailure(PACKAGE, error);
      }
      return start(renderer, request);
    },
  };
}

function wrongKind(renderer: string, software: boolean): Unavailable {
  if (!software) return new Unavailable('failed', `WebGL runs on a real GPU (${renderer})`, "prefer: ['webgl']");
  const mend = `${MEND}; prefer: ['webgl-software'] takes it all the same`;
  return new Unavailable('software-only', `WebGL is drawn by the processor (${renderer})`, mend);
}

/** The GPU's name, asked of a context that is given back at once. */
function findRenderer(): string {
  const canvas = typeof document === 'undefined' ? new OffscreenCanvas(1, 1) : document.createElement('canvas');
  const gl = (canvas.getContext('webgl2') ?? canvas.getContext('webgl')) as WebGLRenderingContext | null;
  if (!gl) throw new Unavailable('no-gpu', 'this browser offers no WebGL here', MEND);
  const unmasked = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(unmasked ? unmasked.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return renderer;
}

async function start(renderer: string, { precision, lifetime }: OpenRequest): Promise<Running> {
  // Flags keep their first value, which an earlier opening may have asked for.
  if (!('webgl' in tf.engine().registry)) {
    const capable = tf.env().getBool('WEBGL_RENDER_FLOAT32_CAPABLE');
    tf.env().set('WEBGL_FORCE_F16_TEXTURES', precision === 'float16');
    tf.env().set('WEBGL_RENDER_FLOAT32_ENABLED', capable && precision !== 'float16');
  }
  const close = await activate('webgl');
  const backend = tf.backend() as MathBackendWebGL;
  // Not floatPrecision(): in TF.js 4.22 that says 16 exactly where it renders float32.
  const full = tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED');
  if (precision !== 'float16' && !full) {
    close();
    throw new Unavailable('failed', 'this GPU computes in half precision only', "precision: 'float16'");
  }
  const lose = () => lifetime.lose(renderer, 'unknown', 'the browser took the WebGL context');
  backend.gpgpu.gl.canvas.addEventListener('webglcontextlost', lose);
  return {
    device: `${renderer} through WebGL ${tf.env().getNumber('WEBGL_VERSION')}`,
    tfBackend: 'webgl',
    ...(!full && { precision: 'float16' }),
    close,
  };
}
