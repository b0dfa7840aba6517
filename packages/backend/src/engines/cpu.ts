import type { Engine } from '../engine.ts';
import { activate, importFailure } from './activate.ts';

const PACKAGE = '@tensorflow/tfjs-backend-cpu';

/** Plain JavaScript: always there, and slow. */
export const cpu: Engine = {
  name: 'cpu',
  packages: [PACKAGE],
  async open() {
    try {
      await import('@tensorflow/tfjs-backend-cpu');
    } catch (error) {
      throw importFailure(PACKAGE, error);
    }
    const close = await activate('cpu');
    return { device: 'CPU through plain JavaScript', tfBackend: 'cpu', close };
  },
};
