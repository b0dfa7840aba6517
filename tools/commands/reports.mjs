// Reads the JSON reports that vitest leaves in each package and counts tests by package and by backend.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const GROUPS = ['packages', 'tools', 'examples', 'bench'];

/** Every folder of the workspace that may hold a report. */
export function reportFolders(root) {
  const folders = GROUPS.map((group) => join(root, group)).filter((folder) => existsSync(folder));
  return folders
    .flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))])
    .filter((folder) => existsSync(join(folder, 'package.json')));
}

export function readReports(root) {
  return reportFolders(root)
    .map((folder) => ({ name: basename(folder), file: join(folder, '.reports/vitest.json') }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({ name, report: JSON.parse(readFileSync(file, 'utf8')) }));
}

/** A table of what passed where, and the totals. */
export function summarize(reports) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const rows = reports.map(({ name, report }) => {
    const row = { name, passed: 0, failed: 0, skipped: 0, backends: {} };
    for (const file of report.testResults) {
      // A file that does not load has no tests to fail, and one whose set-up fails skips them all.
      if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')) row.failed++;
      for (const { status, ancestorTitles } of file.assertionResults) {
        const kind = status === 'passed' || status === 'failed' ? status : 'skipped';
        row[kind]++;
        const backend = ancestorTitles.map((title) => /^\[(\w+)\]$/.exec(title)?.[1]).find(Boolean) ?? 'other';
        if (kind === 'passed') row.backends[backend] = (row.backends[backend] ?? 0) + 1;
      }
    }
    for (const kind of ['passed', 'failed', 'skipped']) totals[kind] += row[kind];
    return row;
  });
  const lines = rows.map(({ name, passed, failed, skipped, backends }) => {
    const parts = Object.entries(backends).map(([backend, count]) => `${backend} ${count}`);
    return `  ${name.padEnd(18)} ${passed} passed, ${failed} failed, ${skipped} skipped  (${parts.join(', ')})`;
  });
  return { lines: lines.length ? ['', 'Tests by package, and those passed by backend:', ...lines] : [], ...totals };
}
