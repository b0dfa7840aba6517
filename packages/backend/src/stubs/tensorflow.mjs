// A stand-in for @tensorflow/tfjs-node(-gpu) in the state that STUB_TENSORFLOW names. It prints what TensorFlow 2.9
// prints, and computes on the processor.
import { writeFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

const require = createRequire(import.meta.url);
const print = (text) => writeSync(2, `${text}\n`);
const absent = (library) =>
  print(
    `W tensorflow/stream_executor/platform/default/dso_loader.cc:64] Could not load dynamic library '${library}'; dlerror: ${library}: cannot open shared object file: No such file or directory`,
  );
const GPU =
  'I tensorflow/core/common_runtime/gpu/gpu_device.cc:1532] Created device /job:localhost/replica:0/task:0/device:GPU:0 with 38282 MB memory:  -> device: 0, name: NVIDIA A100-SXM4-40GB, pci bus id: 0000:00:04.0, compute capability: 8.0';

const states = {
  'without-addon': () => {
    throw new Error(
      "The Node.js native addon module (tfjs_binding.node) can not be found at path: /x/tfjs_binding.node. \nPlease run command 'npm rebuild @tensorflow/tfjs-node --build-addon-from-source' to rebuild the native addon module.",
    );
  },
  'with-broken-addon': () => {
    const file = join(tmpdir(), `stub-${process.pid}.node`);
    writeFileSync(
      file,
      'not a library, but long enough to be read as one and to be refused by the loader of the system',
    );
    require(file);
  },
  'without-cuda': () => {
    for (const library of ['libcudart.so.11.0', 'libcudnn.so.8', 'libcudart.so.11.0', 'libnvinfer.so.7'])
      absent(library);
    print('W tensorflow/core/common_runtime/gpu/gpu_device.cc:1850] Cannot dlopen some GPU libraries.');
    return start(false);
  },
  'without-driver': () => {
    for (const library of ['libcudart.so.11.0', 'libcuda.so.1']) absent(library);
    print('W tensorflow/stream_executor/cuda/cuda_driver.cc:269] failed call to cuInit: UNKNOWN ERROR (303)');
    return start(false);
  },
  'without-gpu': () => {
    print(
      'E tensorflow/stream_executor/cuda/cuda_driver.cc:271] failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected',
    );
    return start(false);
  },
  'silent-without-gpu': () => start(false),
  working: () => {
    print(GPU);
    return start(true);
  },
  'working-on-cpu': () => start(false),
  'calling-node-util': () => {
    const util = require('node:util');
    if (!util.isNullOrUndefined(undefined) || util.isNullOrUndefined(0) || !util.isArray([])) throw new Error('wrong');
    return start(true);
  },
  'with-a-convolution-that-fails': () => {
    start(true);
    const kernelFunc = () => {
      throw new Error('Failed to get convolution algorithm. This is probably because cuDNN failed to initialize\nmore');
    };
    tf.unregisterKernel('Conv2D', 'tensorflow');
    tf.registerKernel({ kernelName: 'Conv2D', backendName: 'tensorflow', kernelFunc });
  },
  'computing-wrong': () => {
    start(true);
    const kernelFunc = ({ backend }) => backend.makeTensorInfo([1, 2, 2, 3], 'float32', new Float32Array(12));
    tf.unregisterKernel('Conv2D', 'tensorflow');
    tf.registerKernel({ kernelName: 'Conv2D', backendName: 'tensorflow', kernelFunc });
  },
  'with-its-own-core': () => {},
  aborting: () => {
    print('terminate called after throwing an instance of std::bad_alloc');
    process.abort();
  },
  'using-avx': () => process.kill(process.pid, 'SIGILL'),
  exiting: () => process.exit(3),
  hanging: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
};

function start(isUsingGpuDevice) {
  for (const kernel of tf.getKernelsForBackend('cpu')) tf.registerKernel({ ...kernel, backendName: 'tensorflow' });
  const binding = { TF_Version: '2.9.1' };
  tf.registerBackend('tensorflow', () => Object.assign(new MathBackendCPU(), { isUsingGpuDevice, binding }), 3);
  tf.setBackend('tensorflow');
}

states[process.env.STUB_TENSORFLOW]();
