import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expectNamedError, forEachBackend } from '@stridelab/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restoreWeights, type TrainingState } from '../checkpoint.ts';
import { CheckpointError, TrainerError } from '../errors.ts';
import { fit } from '../fit.ts';
import type { FitOptions } from '../options.ts';
import { ofType, recorder, smallData, smallModel, weightBits } from '../test-tools.ts';
import { fileCheckpoints } from './checkpoint-files.ts';
import { decodeState, encodeState } from './safetensors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const recipe: FitOptions = { epochs: 3, schedule: 0.05, optimizer: { kind: 'adam' } };
const joined = (chunks: Uint8Array[]) => new Uint8Array(Buffer.concat(chunks));

forEachBackend(() => {
  it('keeps the last states and the best, and nothing unfinished', async () => {
    writeFileSync(join(folder, 'step-000000001.safetensors-77.part'), 'half');
    const checkpoints = fileCheckpoints(folder, { keep: 2 });
    const model = smallModel();
    const result = await fit(model, smallData(), { ...recipe, checkpoints, checkpointEvery: { steps: 2 } });
    expect(readdirSync(folder).sort()).toEqual([
      'best.safetensors',
      'step-000000014.safetensors',
      'step-000000015.safetensors',
    ]);
    const best = await checkpoints.loadBest();
    expect(best!.state.progress.epoch - 1).toBe(result.best!.epoch);
    const other = smallModel();
    restoreWeights(other, (await checkpoints.load(() => {}))!.state, 'x');
    expect(await weightBits(other)).toEqual(await weightBits(model));
  });

  it('takes the checkpoint before a damaged one, says so, and ends with the same weights', async () => {
    const whole = smallModel();
    await fit(whole, smallData(), recipe);
    const harm: ((path: string) => void)[] = [
      (path) => truncateSync(path, 700),
      (path) => truncateSync(path, 5),
      (path) => writeFileSync(path, ''),
      (path) => {
        const bytes = readFileSync(path);
        bytes[bytes.length - 9]! ^= 1; // one bit of one number
        writeFileSync(path, bytes);
      },
      (path) => {
        const bytes = readFileSync(path);
        bytes[9] = 0;
        writeFileSync(path, bytes);
      },
    ];
    for (const damage of harm) {
      const stop = new AbortController();
      const onEvent: FitOptions['onEvent'] = (event) => {
        if (event.type === 'step' && event.step === 8) stop.abort();
      };
      const options = { ...recipe, checkpoints: fileCheckpoints(folder), checkpointEvery: { steps: 2 } };
      await fit(smallModel(), smallData(), { ...options, onEvent, signal: stop.signal });
      const newest = readdirSync(folder)
        .filter((name) => name.startsWith('step'))
        .sort()
        .at(-1)!;
      damage(join(folder, newest));
      const { events, onEvent: record } = recorder();
      const model = smallModel();
      await fit(model, smallData(), { ...options, onEvent: record });
      const [notice] = ofType(events, 'notice');
      expect(notice!.message).toContain(newest);
      expect(notice!.message).toMatch(/is damaged \(.*\) and was set aside; the checkpoint before it is used$/);
      expect(ofType(events, 'resume')[0]!.step).toBeLessThan(9);
      expect(await weightBits(model)).toEqual(await weightBits(whole));
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses a foreign checkpoint, one of another training, and a folder with none that is sound', async () => {
    const checkpoints = fileCheckpoints(folder);
    await fit(smallModel(), smallData(), { ...recipe, epochs: 1, checkpoints });
    const before = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'base64')]);
    const refused = (options: Partial<FitOptions>, message: string | RegExp, model = smallModel()) =>
      expectNamedError(() => fit(model, smallData(), { ...recipe, checkpoints, ...options }), CheckpointError, message);
    const file = join(folder, 'step-000000005.safetensors');
    await refused({ epochs: 2 }, `trainer.fit: training.epochs of ${file} must be 2, as in this training, got 1`);
    await refused(
      { epochs: 1, optimizer: { kind: 'sgd' } },
      `trainer.fit: training.optimizer.kind of ${file} must be "sgd", as in this training, got 'adam'`,
    );
    const other = smallModel({ units: 4 });
    const weights = await weightBits(other);
    const rule = `weight 0 (dense_Dense3/kernel) in ${file} must be float32 [36, 4], got 'float32 [36, 8]'`;
    await refused({ epochs: 1 }, new RegExp(rule.replace(/[[\]()]/g, '\\$&').replace('dense_Dense3', '[^/]+')), other);
    expect(await weightBits(other)).toEqual(weights);
    expect(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'base64')])).toEqual(before);
    writeFileSync(file, 'not a checkpoint at all');
    await refused(
      { epochs: 1 },
      /^trainer\.fileCheckpoints: one of .* must be sound, got 'best\.safetensors: it must be whole'$/,
    );
    expect(checkpoints.isEmpty).toBe(false);
    expect(readdirSync(folder)).toEqual(before.map(([name]) => name)); // nothing was set aside
  });

  it('goes on from the best one where all of the last are damaged', async () => {
    const whole = smallModel();
    await fit(whole, smallData(), recipe);
    const checkpoints = fileCheckpoints(folder, { keep: 2 });
    const stop = new AbortController();
    const onEvent: FitOptions['onEvent'] = (event) => {
      if (event.type === 'step' && event.step === 8) stop.abort();
    };
    const options = { ...recipe, checkpoints, checkpointEvery: { steps: 1 } };
    await fit(smallModel(), smallData(), { ...options, onEvent, signal: stop.signal });
    const last = readdirSync(folder).filter((name) => name.startsWith('step'));
    expect(last).toHaveLength(2);
    for (const name of last) writeFileSync(join(folder, name), '');
    const { events, onEvent: record } = recorder();
    const model = smallModel();
    await fit(model, smallData(), { ...options, onEvent: record });
    const instead = ofType(events, 'notice').map(({ message }) => message.split(' was set aside; ')[1]);
    expect(instead).toEqual(['the best one is used', 'the best one is used']);
    expect(ofType(events, 'resume')[0]!.from).toBe(join(folder, 'best.safetensors'));
    expect(await weightBits(model)).toEqual(await weightBits(whole));
  });

  it('writes what any reader of safetensors can read', async () => {
    const model = smallModel();
    await fit(model, smallData(), { ...recipe, epochs: 1, checkpoints: fileCheckpoints(folder) });
    const bytes = readFileSync(join(folder, 'best.safetensors'));
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    const [key, entry] = Object.entries(header).find(([name]) => name.startsWith('weights/0000/')) as [
      string,
      { dtype: string; shape: number[]; data_offsets: [number, number] },
    ];
    expect(key).toMatch(/kernel$/);
    expect(entry).toMatchObject({ dtype: 'F32', shape: [36, 8] });
    const start = bytes.byteOffset + 8 + length + entry.data_offsets[0];
    await expect(model.getWeights()[0]!).toBeAllClose(new Float32Array(bytes.buffer.slice(start, start + 36 * 8 * 4)));
    expect(bytes.length).toBe(
      8 + length + Math.max(...Object.values(header).map((e) => (e as typeof entry).data_offsets?.[1] ?? 0)),
    );
  });
}, ['cpu']);

const EVERY_KIND = {
  configuration: { a: [1, 'ü'] },
  progress: { step: 3 },
  weights: [
    { name: 'b', shape: [3], dtype: 'bool', values: Uint8Array.of(1, 0, 1) },
    { name: 'f', shape: [], dtype: 'float32', values: Float32Array.of(Number.NaN) },
    { name: 'i', shape: [2, 1], dtype: 'int32', values: Int32Array.of(-1, 2 ** 31 - 1) },
    { name: 'empty', shape: [0], dtype: 'float32', values: new Float32Array(0) },
  ],
  optimizer: { step: 3, sizes: [1], slots: { velocity: Float32Array.of(-0) } },
} as unknown as TrainingState;

it('gives back every kind of number', () => {
  expect(decodeState(joined(encodeState(EVERY_KIND)))).toEqual(EVERY_KIND);
});

it('is damaged that says nothing', async () => {
  const nothing = Buffer.from('\x04\0\0\0\0\0\0\0null');
  const message = 'trainer.decodeState: its format must be stridelab-trainer/1, got undefined';
  await expectNamedError(() => decodeState(nothing), CheckpointError, message);
});

it('has the best state no later than the one that the training goes on from', async () => {
  const checkpoints = fileCheckpoints(folder);
  // In the way of the second of both files: where a process may be killed.
  mkdirSync(join(folder, 'step-000000003.safetensors'));
  await expect(checkpoints.save(EVERY_KIND, true)).rejects.toThrow(/^(EISDIR|EPERM)/);
  expect((await checkpoints.loadBest())!.state).toEqual(EVERY_KIND);
});

it('refuses to keep none, and says what else is wrong', async () => {
  const wrong = (given: unknown[], message: string) =>
    expectNamedError(() => fileCheckpoints(...(given as [never])), TrainerError, `trainer.fileCheckpoints: ${message}`);
  await wrong(['x', { keep: 0 }], 'keep must be a whole number >= 1, got 0');
  await wrong(['x', { kep: 2 }], 'options must be some of {keep}, got {kep: 2}');
  await wrong(['x', 2], 'options must be some of {keep}, got 2');
  await wrong([], 'folder must be a path, got undefined');
});

it('takes weights from a state alone', async () => {
  const message = 'trainer.restoreWeights: state must hold a list of weights, got undefined';
  await expectNamedError(() => restoreWeights(smallModel(), undefined as never), CheckpointError, message);
  const none = "trainer.restoreWeights: the state must hold the model's 8 weights, got 0";
  await expectNamedError(() => restoreWeights(smallModel(), { weights: [] }), CheckpointError, none);
});

describe('a process that is interrupted', () => {
  const start = (checkpoints: string, result: string) =>
    spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'train-child.ts'), checkpoints, result], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });

  async function toTheEnd(name: string): Promise<{ output: string; result: unknown }> {
    const child = start(join(folder, name), join(folder, `${name}.json`));
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    expect(code).toBe(0);
    return { output, result: JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) };
  }

  it('killed 20 times at random instants, it ends with the weights it would have had, bit for bit', async () => {
    const { result: expected } = await toTheEnd('whole');
    let finished = 0;
    const starts: number[] = [];
    for (let kills = 0; kills < 20; ) {
      const child = start(join(folder, 'killed'), join(folder, 'killed.json'));
      const [line] = await once(child.stdout, 'data');
      starts.push(Number(/started at (\d+)/.exec(String(line))?.[1] ?? Number.NaN));
      const ended = once(child, 'close');
      await new Promise((resolve) => setTimeout(resolve, 15 + Math.random() * 150));
      child.kill('SIGKILL');
      const [, signal] = await ended;
      if (signal === 'SIGKILL') kills++;
      else if (++finished > 0) break;
    }
    // Every start but the first went on from somewhere, and all of them went forward.
    expect(
      starts.every((step, i) => i === 0 || step >= starts[i - 1]!),
      `starts ${starts}`,
    ).toBe(true);
    expect(starts.at(-1)).toBeGreaterThan(0);
    expect(finished, `it must be killed 20 times before it is done; started at ${starts}`).toBe(0);
    const { output, result } = await toTheEnd('killed');
    expect(output).not.toContain('notice');
    expect(result).toEqual(expected);
  }, 300_000);

  it('finishes its batch on Ctrl-C, saves, and exits with 130; SIGTERM with 143', async () => {
    const exits: number[] = [];
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const child = start(join(folder, 'interrupted'), join(folder, 'interrupted.json'));
      const output = text(child.stdout);
      await once(child.stdout, 'data');
      child.kill(signal);
      exits.push((await once(child, 'close'))[0]);
      expect(await output).toMatch(/aborted at \d+/);
    }
    expect(exits).toEqual([130, 143]);
    const whole = await toTheEnd('whole');
    expect((await toTheEnd('interrupted')).result).toEqual(whole.result);
  });
});
