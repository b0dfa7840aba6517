import { expect, it } from 'vitest';
import { statusLine } from './status-line.ts';

function recorder(isTTY: boolean) {
  let written = '';
  let time = 0;
  const write = (text: string) => {
    written += text;
  };
  const at = (ms: number) => {
    time = ms;
  };
  return { line: statusLine({ write, isTTY, columns: 10 }, () => time), at, written: () => written };
}

it('overwrites itself on a terminal, no wider than that is', () => {
  const { line, at, written } = recorder(true);
  line.show('one of many');
  line.show('too soon');
  at(100);
  line.show('two');
  line.clear();
  line.clear();
  expect(written()).toBe('\r\x1b[Kone of ma\r\x1b[Ktwo\r\x1b[K');
});

it('is a line from time to time in a log', () => {
  const { line, at, written } = recorder(false);
  line.show('at once');
  at(20_000);
  line.show('later');
  line.clear();
  expect(written()).toBe('later\n');
});
