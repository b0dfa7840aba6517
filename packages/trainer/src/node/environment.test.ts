import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it("tells a commit from one whose files were changed, which a run's own folder beside them is not", () => {
  const folder = mkdtempSync(join(tmpdir(), 'environment-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'commit.gpgsign=false', ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  const program = `import { environment } from ${JSON.stringify(new URL('environment.ts', import.meta.url))};
console.log(environment().commit);`;
  const commit = () =>
    execFileSync(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  try {
    git('init', '--quiet');
    writeFileSync(join(folder, 'program.js'), '1');
    git('add', '.');
    git('commit', '--quiet', '--message', 'first');
    const head = git('rev-parse', 'HEAD');
    writeFileSync(join(folder, 'metrics.jsonl'), '');
    expect(commit()).toBe(head);
    writeFileSync(join(folder, 'program.js'), '2');
    expect(commit()).toBe(`${head}-changed`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
