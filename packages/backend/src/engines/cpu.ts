import type { Engine } from '../engine.ts';
import { activate, importBackend } from './activate.ts';

const PACKAGE = '@tensorflow/tfjs-backend-cpu';

/** Plain JavaScript: always there, and slow. */
export const cpu: Engine = {
  name: 'cpu',
  packages: [PACKAGE],
  async open() {
    await importBackend(PACKAGE, () => import('@tensorflow/tfjs-backend-cpu'));
    const close = await activate('cpu');
    return { device: 'CPU through plain JavaScript', tfBackend: 'cpu', close };
  },
};
