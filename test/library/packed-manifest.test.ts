/** The package asks nobody to install what only the bench races against, nor to build it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = readFileSync(join(root, 'package.json'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'hypercarve-packed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'package.json');
const here = () => readFileSync(file, 'utf8');
const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');

/** The package's own scripts, of a package that holds nothing else. */
function small(): string {
  const { name, version, scripts, optionalDependencies } = JSON.parse(manifest) as {
    readonly name: string;
    readonly version: string;
    readonly scripts: Readonly<Record<string, string>>;
    readonly optionalDependencies: unknown;
  };
  // Without the build that comes first: there is nothing to build.
  const placed = (script: string) =>
    script.replace(/^.*\btsx (\S+)/, (_, path) => `node ${tsx} ${join(root, path)}`);
  const own = {
    prepack: placed(scripts.prepack),
    postpack: placed(scripts.postpack),
    prepare: 'exit 3',
  };
  return JSON.stringify({ name, version, scripts: own, optionalDependencies }, undefined, 2);
}

beforeEach(() => writeFileSync(file, small()));

it('the checkout installs a peer of the bench, if it can be installed, and no pack was left halfway', () => {
  const { optionalDependencies, benchDependencies, scripts } = JSON.parse(manifest);
  expect(Object.keys(optionalDependencies)).toEqual(['alloc']);
  expect(benchDependencies).toBeUndefined();
  expect(scripts).toMatchObject({ prepare: 'npm run build' });
  // What a pack holds is built by it, since it asks for no `prepare`.
  expect(scripts.prepack).toMatch(/^npm run --silent build && /);
});

it('the tarball asks for neither, and the checkout is as it was', () => {
  const npm = ['pack', '--silent', '--offline', '--foreground-scripts=false'];
  const name = execFileSync('npm', npm, { cwd: folder, encoding: 'utf8' }).trim();
  const packed = execFileSync('tar', ['-xzOf', join(folder, name), 'package/package.json'], {
    encoding: 'utf8',
  });
  const { optionalDependencies, dependencies, scripts } = JSON.parse(packed);
  expect([optionalDependencies, dependencies]).toEqual([undefined, undefined]);
  // Found bug: an install inside the unpacked package ran the build of the checkout, and failed.
  expect(Object.keys(scripts)).not.toContain('prepare');
  expect(here()).toBe(small());
}, 60_000);

it('a pack that crashed is put right by the next, and what was edited since is kept', () => {
  const run = (order: string) =>
    execFileSync(process.execPath, [tsx, join(root, 'test/packed-manifest.ts'), order], {
      cwd: folder,
    });
  run('leave-out');
  expect(here()).not.toContain('optionalDependencies');
  expect(here()).not.toContain('"prepare"');
  writeFileSync(file, here().replace(/"version": "[^"]*"/, '"version": "9.9.9"'));
  run('put-back');
  expect(here()).toBe(small().replace(/"version": "[^"]*"/, '"version": "9.9.9"'));
}, 60_000);
