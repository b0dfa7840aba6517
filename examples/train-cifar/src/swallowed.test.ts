import { expectNamedError } from '@stridelab/test-kit';
import { expect, it } from 'vitest';
import { CommandError } from './errors.ts';
import { FLAGS } from './flags.ts';
import { refuseSwallowed } from './swallowed.ts';

it('refuses flags that npm has taken for its own, and says where they belong', async () => {
  const refused = (env: NodeJS.ProcessEnv, flag: string) =>
    expectNamedError(
      () => refuseSwallowed(FLAGS, { npm_lifecycle_event: 'start', ...env }),
      CommandError,
      `train-cifar.flags: flags must come after --, as in npm start -- ${flag}, got '${flag}'`,
    );
  await refused({ npm_config_smoke: 'true' }, '--smoke');
  await refused({ npm_config_run_name: 'mine' }, '--run-name mine');
});

it('leaves npm its own settings, and other commands theirs', () => {
  const own = {
    npm_config_cache: '/home/me/.npm',
    npm_config_depth: '3',
    npm_config_registry: 'x',
    npm_config_smoke: '',
  };
  expect(() => refuseSwallowed(FLAGS, { npm_lifecycle_event: 'start', ...own })).not.toThrow();
  expect(() => refuseSwallowed(FLAGS, { npm_config_smoke: 'true' })).not.toThrow();
});
