import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectNamedError, forEachBackend } from '@stridelab/test-kit';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TrainingData } from '../data.ts';
import { CheckpointError, DivergedError, TrainerError } from '../errors.ts';
import { evaluate } from '../evaluate.ts';
import { fit } from '../fit.ts';
import type { FitOptions } from '../options.ts';
import { ofType, smallData, smallModel, weightBits } from '../test-tools.ts';
import type { LoggedEvent } from './metrics-log.ts';
import { modelFiles } from './model-files.ts';
import { openRun, type RunOptions } from './run-record.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'runs-'));
  folder = join(parent, 'first');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const recipe: FitOptions = { epochs: 3, schedule: 0.05, checkpointEvery: { steps: 2 } };
const config = { model: { units: 8 }, training: { epochs: 3 } };
const open = (options: Partial<RunOptions> = {}) => openRun(folder, { config, logEvery: 1, ...options });
const log = () =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LoggedEvent);

forEachBackend(
  (backend) => {
    it('keeps what is needed to run it again, what happened, and what came of it', async () => {
      const run = open({ device: 'a GPU', versions: { other: '1.2.3' } });
      expect(run.state).toBe('new');
      const model = smallModel();
      const data = smallData();
      await fit(model, data, { ...recipe, checkpoints: run.checkpoints, onEvent: run.onEvent });
      const evaluation = await evaluate(model, data.validation!, { samples: 3 });
      const places = await run.finish(model, { evaluation, classNames: ['a', 'b', 'c'] });

      expect(readdirSync(folder).sort()).toEqual([
        'checkpoints',
        'config.json',
        'metrics.jsonl',
        'model',
        'report.html',
        'tensorboard',
      ]);
      const record = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
      expect(record.config).toEqual(config);
      expect(record.environment).toMatchObject({ backend, node: process.version });
      expect(record.environment.versions).toMatchObject({ '@tensorflow/tfjs-core': '4.22.0', other: '1.2.3' });
      expect(record.environment.device).toBe('a GPU');
      expect(record.environment.versions['@stridelab/trainer']).toMatch(/^\d+\.\d+\.\d+/);
      expect(record.environment.commit).toMatch(/^[0-9a-f]{40}/);

      const lines = log();
      expect(ofType(lines, 'step').map(({ step }) => step)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
      expect(ofType(lines, 'epoch')).toHaveLength(3);
      expect(lines.every(({ time }) => !Number.isNaN(Date.parse(time)))).toBe(true);

      const loaded = await tfl.loadLayersModel(modelFiles(places.model));
      expect(await weightBits(loaded)).toEqual(await weightBits(model));
      expect((await evaluate(loaded, data.validation!)).loss).toBe(evaluation.loss);
      expect(readdirSync(parent)).toEqual(['first']);
      expect(open().state).toBe('finished');
    });

    it('goes on with one log, in which nothing is told twice', async () => {
      const stop = new AbortController();
      const first = open();
      await fit(smallModel(), smallData(), {
        ...recipe,
        checkpoints: first.checkpoints,
        signal: stop.signal,
        onEvent: (event) => {
          first.onEvent(event);
          if (event.type === 'step' && event.step === 7) stop.abort();
        },
      });
      // As if it had been killed two steps later, in the middle of a line.
      const step = log().findLast((event) => event.type === 'step')!;
      for (const later of [8, 9]) {
        appendFileSync(join(folder, 'metrics.jsonl'), `${JSON.stringify({ ...step, step: later + 1 })}\n`);
      }
      appendFileSync(join(folder, 'metrics.jsonl'), '{"type":"st');
      mkdirSync(join(folder, 'model-77.part'));
      writeFileSync(join(folder, 'report.html-77.part'), '<!doc');
      const second = open({ resume: 'always' });
      expect(second.state).toBe('interrupted');
      await fit(smallModel(), smallData(), { ...recipe, checkpoints: second.checkpoints, onEvent: second.onEvent });
      const steps = ofType(log(), 'step').map((event) => event.step);
      expect(steps).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
      expect(ofType(log(), 'epoch').map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
      expect(ofType(log(), 'resume').map((event) => event.step)).toEqual([8]);
      expect(readdirSync(join(folder, 'tensorboard'))).toHaveLength(2);
      expect(readdirSync(folder).sort()).toEqual([
        '.lock.part',
        'checkpoints',
        'config.json',
        'metrics.jsonl',
        'tensorboard',
      ]);
    });

    it('tells of an epoch once that was told of, and killed before its checkpoint was there', async () => {
      const run = open();
      const stop = new AbortController();
      const data = smallData();
      const from = (index: number) => {
        stop.abort();
        return data.validation!.from(index);
      };
      const options = { ...recipe, checkpoints: run.checkpoints, onEvent: run.onEvent };
      await fit(
        smallModel(),
        { ...data, validation: { ...data.validation!, from } },
        { ...options, signal: stop.signal },
      );
      const killed = new Error('killed');
      const onEvent: FitOptions['onEvent'] = (event) => {
        run.onEvent(event);
        if (event.type === 'epoch') throw killed;
      };
      await expect(fit(smallModel(), data, { ...options, onEvent })).rejects.toBe(killed);
      await fit(smallModel(), data, options);
      expect(ofType(log(), 'epoch').map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
    });

    it('says of a training that diverged that it did, and goes on from before that', async () => {
      const healthy = smallData();
      let broken = true;
      const data: TrainingData = {
        train(epoch) {
          const batches = healthy.train(epoch);
          return {
            length: batches.length,
            async *from(index) {
              let at = index;
              for await (const batch of batches.from(index)) {
                if (broken && epoch === 1 && at++ === 2) (batch.images as Float32Array).fill(Number.NaN);
                yield batch;
              }
            },
          };
        },
      };
      const run = open();
      const train = ({ checkpoints, onEvent } = run) => fit(smallModel(), data, { ...recipe, checkpoints, onEvent });
      await expect(train()).rejects.toThrow(DivergedError);
      expect(log().at(-1)).toMatchObject({ type: 'end', step: 7, reason: 'diverged' });
      expect(ofType(log(), 'step').map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      const again = open();
      expect(again.state).toBe('diverged');
      broken = false;
      await train(again);
      expect(ofType(log(), 'end').map(({ reason }) => reason)).toEqual(['finished']);
      expect(open().state).toBe('finished');
    });

    it('replaces a model whole', async () => {
      const target = join(parent, 'model');
      for (const units of [4, 8]) {
        // Left by a process that was killed and had the same number.
        for (const left of ['.part', '.part-before']) {
          mkdirSync(`${target}-${process.pid}${left}`);
          writeFileSync(join(`${target}-${process.pid}${left}`, 'half'), '');
        }
        await smallModel({ units }).save(modelFiles(target));
      }
      expect(readdirSync(target).sort()).toEqual(['model.json', 'weights.bin']);
      expect((await tfl.loadLayersModel(modelFiles(target))).layers[1]!.outputShape).toEqual([null, 8]);
      expect(readdirSync(parent)).toEqual(['model']);
      await expectNamedError(
        () => tfl.loadLayersModel(modelFiles(parent)),
        CheckpointError,
        `trainer.modelFiles: ${parent} must hold model.json, got undefined`,
      );
    });
  },
  ['cpu'],
);

it('leaves a folder alone that another process trains in, and takes over from one that is gone', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const lock = join(folder, '.lock.part');
  mkdirSync(folder);
  const hold = (holder: object) => writeFileSync(lock, JSON.stringify({ host: hostname(), ...holder }));
  hold({ pid: child.pid });
  const rule = `trainer.openRun: ${folder} must not be in use by another process, got ${child.pid}`;
  await expectNamedError(() => open(), CheckpointError, rule);
  expect(readdirSync(folder)).toEqual(['.lock.part']);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(open().state).toBe('new');
  expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });

  // Another machine's process, or a file that is no lock, holds nothing.
  for (const content of [JSON.stringify({ pid: 1, host: 'elsewhere' }), 'torn']) {
    folder = join(parent, content.slice(0, 4));
    mkdirSync(folder);
    writeFileSync(join(folder, '.lock.part'), content);
    expect(open().state).toBe('new');
  }
});

it('gives the folder back when the process ends', () => {
  const program = `import { lockFolder } from ${JSON.stringify(new URL('lock.ts', import.meta.url))};
lockFolder(${JSON.stringify(folder)}); lockFolder(${JSON.stringify(folder)});
console.log(readdirSync(${JSON.stringify(folder)}).join());`;
  const script = join(parent, 'program.mts');
  writeFileSync(script, `import { readdirSync } from 'node:fs';\n${program}`);
  expect(execFileSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8' })).toBe('.lock.part\n');
  expect(readdirSync(folder)).toEqual([]);
});

it('refuses a folder of another configuration, of something else, or of no run, and touches nothing', async () => {
  open();
  const before = readFileSync(join(folder, 'config.json'), 'utf8');
  const refused = (options: Partial<RunOptions>, message: string) =>
    expectNamedError(() => open(options), CheckpointError, `trainer.openRun: ${message}`);
  const another = `${folder} holds a run of another configuration:`;
  await refused({ config: { ...config, model: { units: 9 } } }, `${another} model.units must be 8, got 9`);
  await refused({ config: { ...config, extra: true } }, `${another} extra must be left out, got true`);
  await refused({ resume: 'never' }, `${folder} must not hold a run yet, got ['config.json']`);
  await refused({ resume: 'always' }, `${join(folder, 'checkpoints')} must hold a checkpoint, got []`);
  expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe(before);
  expect(readdirSync(folder).sort()).toEqual(['.lock.part', 'config.json']);

  folder = join(parent, 'second');
  await refused({ resume: 'always' }, `${folder} must hold a run, got []`);
  expect(existsSync(folder)).toBe(false);
  mkdirSync(folder);
  writeFileSync(join(folder, 'thesis.txt'), 'precious');
  await refused({}, `${folder} must be empty or hold a run, got ['thesis.txt']`);
  await expectNamedError(
    () => open({ logEvery: 0 }),
    TrainerError,
    'trainer.openRun: logEvery must be a whole number >= 1, got 0',
  );
  await expectNamedError(
    () => open({ resume: 'maybe' as never }),
    TrainerError,
    "trainer.openRun: resume must be 'auto', 'always' or 'never', got 'maybe'",
  );
  const wrong = (given: unknown[], message: string) =>
    expectNamedError(() => openRun(...(given as [never, never])), TrainerError, `trainer.openRun: ${message}`);
  await wrong([], 'folder must be a path, got undefined');
  await wrong([folder], 'config must be an object of plain JSON, got undefined');
  await wrong([folder, {}], 'config must be an object of plain JSON, got undefined');
  await wrong([folder, { config: 'adam' }], "config must be an object of plain JSON, got 'adam'");
  await wrong([folder, { config: {}, device: 1 }], 'device must be words, got 1');
  await wrong([folder, { config: {}, versions: { a: 1 } }], 'versions must give a word to each name, got {a: 1}');
  await wrong([folder, { config: {}, versions: 'a' }], "versions must give a word to each name, got 'a'");
  const names = 'options must be some of {config, resume, keep, logEvery, device, versions}';
  await wrong([folder, { config: {}, resum: 'auto' }], `${names}, got {config: {}, resum: 'auto'}`);
});
