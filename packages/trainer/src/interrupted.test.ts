// Trainings that are interrupted, and go on.
import { forEachBackend } from '@stridelab/test-kit';
import { expect, it } from 'vitest';
import { fit } from './fit.ts';
import type { FitOptions } from './options.ts';
import { memoryStore, ofType, recorder, smallData, smallModel, weightBits } from './test-tools.ts';

const recipe: FitOptions = { epochs: 3, schedule: 0.05, optimizer: { kind: 'sgd', momentum: 0.9 } };

forEachBackend(() => {
  it('goes on bit for bit wherever it was interrupted, whichever optimizer', async () => {
    for (const kind of ['sgd', 'adam'] as const) {
      const options: FitOptions = { epochs: 3, schedule: 0.01, optimizer: { kind }, labelSmoothing: 0.1 };
      const whole = smallModel();
      const uninterrupted = await fit(whole, smallData(), options);
      for (const at of [1, 4, 5, 8]) {
        const checkpoints = memoryStore();
        const stop = new AbortController();
        const cut = await fit(smallModel(), smallData(), {
          ...options,
          checkpoints,
          signal: stop.signal,
          onEvent: (event) => {
            if (event.type === 'step' && event.step === at) stop.abort();
          },
        });
        expect(cut.reason).toBe('aborted');
        const resumed = smallModel();
        const { events, onEvent } = recorder();
        const result = await fit(resumed, smallData(), { ...options, checkpoints, onEvent });
        expect(ofType(events, 'resume')[0]!.step).toBe(cut.step);
        expect(result).toMatchObject({ reason: 'finished', step: uninterrupted.step });
        expect(result.history.map(({ loss }) => loss)).toEqual(uninterrupted.history.map(({ loss }) => loss));
        expect(await weightBits(resumed)).toEqual(await weightBits(whole));
      }
    }
  });

  it('is interrupted while it validates too, and validates again when it goes on', async () => {
    const whole = smallModel();
    const uninterrupted = await fit(whole, smallData(), recipe);
    const { train, validation } = smallData();
    const checkpoints = memoryStore();
    const stop = new AbortController();
    let looks = 0;
    const watched = {
      length: validation!.length,
      async *from(index: number) {
        for await (const batch of validation!.from(index)) {
          if (++looks === 3) stop.abort(); // the first batch of the second epoch's
          yield batch;
        }
      },
    };
    const options: FitOptions = { ...recipe, checkpoints };
    const cut = await fit(smallModel(), { train, validation: watched }, { ...options, signal: stop.signal });
    expect(cut).toMatchObject({ reason: 'aborted', step: 10 });
    expect([cut.history.length, looks, checkpoints.states.at(-1)!.progress]).toMatchObject([1, 3, { step: 10 }]);
    const resumed = smallModel();
    const result = await fit(resumed, smallData(), options);
    const losses = ({ history }: typeof result) => history.map(({ loss, validationLoss }) => [loss, validationLoss]);
    expect(losses(result)).toEqual(losses(uninterrupted));
    expect(await weightBits(resumed)).toEqual(await weightBits(whole));
  });

  it('ends at once when it is done already', async () => {
    const checkpoints = memoryStore();
    const model = smallModel();
    const done = await fit(model, smallData(), { ...recipe, checkpoints });
    const again = await fit(smallModel(), smallData(), { ...recipe, checkpoints });
    expect(again).toEqual(done);
  });
}, ['cpu']);
