// The program of every page: runs the test file that its address names.
import { runTestFile } from '@stridelab/test-bundle';

const file = new URLSearchParams(location.search).get('file')!;
Object.assign(globalThis, { result: await runTestFile(file) });
