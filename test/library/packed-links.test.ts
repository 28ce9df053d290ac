/**
 * Where README and CONTRIBUTING point to is in the packed tarball, too. Invariant: read out of `files` of package.json, as npm
 * does, without packing. Trade-off: only the patterns that stand there are understood (names, folders, * and **).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Whether npm packs a path that an entry of `files` names. */
function packs(entry: string, path: string): boolean {
  const pattern = entry
    .replace(/[.+]/g, '\\$&')
    .replace(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:.*/)?'));
  return new RegExp(`^${pattern}(?:/.*)?$`).test(path);
}

it.each([
  ['README.md', 30],
  ['CONTRIBUTING.md', 2],
])('every link of %s is packed, and there', (page, least) => {
  const { files } = JSON.parse(text('package.json')) as { files: string[] };
  const links = [...text(page).matchAll(/\]\(([^)#:]+)[^)]*\)/g)].map(([, path]) => path);
  expect(links.length).toBeGreaterThan(least);
  expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(links.filter((path) => !files.some((entry) => packs(entry, path)))).toEqual([]);
  expect(packs('scenarios/**/*.schema.json', 'scenarios/schema/scenario.schema.json')).toBe(true);
  expect(packs('reports/kept', 'reports/keptx')).toBe(false);
});
