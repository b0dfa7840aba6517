import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Unavailable } from '../engine.ts';
import { activate, importFailure, kernelsFailure } from './activate.ts';

describe('importFailure', () => {
  const coded = (code: string, message: string) => Object.assign(new Error(message), { code });
  const absent = [
    coded('ERR_MODULE_NOT_FOUND', "Cannot find package 'engine' imported from /x.js"),
    coded('MODULE_NOT_FOUND', "Cannot find module 'engine'"),
    new TypeError("Failed to resolve module specifier 'engine'"),
    new TypeError('The specifier “engine” was a bare specifier, but was not remapped to anything.'),
    new Error('Could not resolve "engine" imported by "@stridelab/backend". Is it installed?'),
  ];
  it.each(absent)('knows that the package is absent: %s', (error) => {
    const failure = importFailure('engine', error);
    expect(failure).toBeInstanceOf(Unavailable);
    expect(failure).toMatchObject({
      state: 'not-installed',
      reason: 'engine is not installed',
      mend: 'npm install engine',
    });
  });

  const broken = [
    coded('ERR_MODULE_NOT_FOUND', "Cannot find package 'long' imported from /node_modules/engine/index.js"),
    coded('ERR_DLOPEN_FAILED', "libx.so: cannot open shared object file, needed by 'engine'"),
    new Error("'engine' is angry"),
    'a string',
  ];
  it.each(broken)('does not take for absent what is broken: %s', (error) => {
    expect(importFailure('engine', error)).toBe(error);
  });
});

describe('kernelsFailure', () => {
  it('tells absent from broken', async () => {
    const name = '@stridelab/no-such-package';
    const absent = await import(name).catch((error) => error);
    expect(kernelsFailure(name, absent)).toEqual({ absent: true, reason: `${name} is not installed` });
    const broken = new Error('no way\nat all');
    expect(kernelsFailure('kernels', broken)).toEqual({ absent: false, reason: 'kernels does not load: no way' });
  });
});

describe('activate', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    if ('trial' in tf.engine().registryFactory) tf.removeBackend('trial');
  });
  const cpu = () => tf.findBackendFactory('cpu')() as tf.KernelBackend;

  it('starts a backend, and puts it back as it was', async () => {
    const factory = vi.fn(async () => cpu());
    tf.registerBackend('trial', factory, 7);
    const undo = await activate('trial');
    expect(tf.getBackend()).toBe('trial');
    undo();
    undo();
    expect(tf.engine().registry).not.toHaveProperty('trial');
    expect(tf.engine().registryFactory.trial).toEqual({ factory, priority: 7 });
    expect(factory).toHaveBeenCalledTimes(1);
  });

  it('leaves a backend alone that ran before', async () => {
    tf.registerBackend('trial', cpu);
    await tf.setBackend('trial');
    const theirs = tf.backend();
    (await activate('trial'))();
    expect(tf.engine().registry.trial).toBe(theirs);
  });

  it('hands on the reason why a backend does not start, and prints nothing', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    tf.registerBackend('trial', () => Promise.reject(new Error('no memory')));
    await expect(activate('trial')).rejects.toThrow('no memory');
    expect(warn).not.toHaveBeenCalled();
  });

  it('says when nothing is registered under the name', async () => {
    await expect(activate('trial')).rejects.toThrow("nothing registered a backend named 'trial' in TF.js");
  });

  it('takes an instance of the caller in the place of what is registered', async () => {
    tf.registerBackend('trial', cpu, 7);
    const own = cpu();
    const undo = await activate('trial', own);
    expect(tf.backend()).toBe(own);
    undo();
    expect(tf.engine().registryFactory.trial!.priority).toBe(7);
  });
});
