import { mkdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CommandError } from './errors.ts';
import { FLAGS } from './flags.ts';
import { command } from './session.ts';

/** What a command says, and its exit code, where something goes wrong before its work. */
async function failing(fail: () => void): Promise<{ code: number; err: string }> {
  let err = '';
  const write = (text: string) => {
    err += text;
  };
  const terminal = { out: () => {}, err: { write } };
  const code = await command([], { table: FLAGS, help: '' }, terminal, { check: fail, work: async () => 'done' });
  return { code, err };
}

it('says in a line what a person can mend, and where in the program anything else went wrong', async () => {
  const broken = () => {
    throw new CommandError('flags', '--epochs must be given', 0);
  };
  expect(await failing(broken)).toEqual({
    code: 2,
    err: 'train-cifar.flags: --epochs must be given, got 0\n--help lists every flag.\n',
  });
  const nowhere = await failing(() => void mkdirSync('/dev/null/runs'));
  expect(nowhere).toEqual({ code: 1, err: expect.stringMatching(/^E[A-Z]+: .*, mkdir '.*'\n$/) });
  const fault = await failing(() => {
    throw new TypeError('x is undefined');
  });
  expect(fault).toEqual({ code: 1, err: expect.stringMatching(/^TypeError: x is undefined\n {4}at /) });
});
