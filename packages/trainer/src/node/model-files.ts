// A model as the two files that tf.loadLayersModel reads, in Node without tfjs-node too.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import { CheckpointError } from '../errors.ts';
import { SCRATCH } from './files.ts';

const TOPOLOGY = 'model.json';
const WEIGHTS = 'weights.bin';

/**
 * A folder to save a model to, `await model.save(modelFiles(folder))`, and to load it from,
 * `await tf.loadLayersModel(modelFiles(folder))`; a browser loads the URL of its `model.json`. The folder is replaced whole.
 */
export function modelFiles(folder: string): io.IOHandler {
  return {
    async save(artifacts) {
      const { weightData, weightSpecs = [], ...described } = artifacts;
      const weightsManifest = [{ paths: [`./${WEIGHTS}`], weights: weightSpecs }];
      const json = JSON.stringify({ ...described, weightsManifest });
      const weights = Buffer.from(io.CompositeArrayBuffer.join(weightData));
      const scratch = `${folder}-${process.pid}${SCRATCH}`;
      const before = `${scratch}-before`;
      // What a killed process left that had this one's number, as in a container the first one always has.
      for (const left of [scratch, before]) rmSync(left, { recursive: true, force: true });
      mkdirSync(scratch, { recursive: true });
      writeFileSync(join(scratch, TOPOLOGY), json);
      writeFileSync(join(scratch, WEIGHTS), weights);
      if (existsSync(folder)) renameSync(folder, before);
      renameSync(scratch, folder);
      rmSync(before, { recursive: true, force: true });
      return {
        modelArtifactsInfo: {
          dateSaved: new Date(),
          modelTopologyType: 'JSON',
          modelTopologyBytes: json.length,
          weightDataBytes: weights.length,
        },
      };
    },
    async load() {
      const file = join(folder, TOPOLOGY);
      if (!existsSync(file)) throw new CheckpointError('modelFiles', `${folder} must hold ${TOPOLOGY}`, undefined);
      return await io.getModelArtifactsForJSON(JSON.parse(readFileSync(file, 'utf8')), async (manifest) => {
        const paths = manifest.flatMap((group) => group.paths);
        const weights = Buffer.concat(paths.map((path) => readFileSync(join(folder, path))));
        return [io.getWeightSpecs(manifest), new Uint8Array(weights).buffer];
      });
    },
  };
}
