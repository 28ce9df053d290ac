/**
 * The example of test/kit/README.md is run as it stands, as a test file of somebody else's would be:
 * only the package's name is replaced by the place of its sources.
 *
 * No time is too long on a busy machine: neither the example nor who waits for it has a limit, but for a
 * process that hangs.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Below node_modules, where no other check looks, so that a half-written file disturbs nobody.
const folder = join(root, 'node_modules', '.cache', `hypercarve-example-${process.pid}`);
const HUNG_MS = 15 * 60_000;
const NO_LIMIT = 0;
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function example(): string {
  const text = readFileSync(join(root, 'test/kit/README.md'), 'utf8');
  const block = /```ts\n([\s\S]*?)```/.exec(text);
  if (block === null) throw new Error('test/kit/README.md has no ts example');
  return block[1].replace("'hypercarve/testing'", `'${join(root, 'test/kit/testing.ts')}'`);
}

function runTest(name: string, source: string) {
  const file = join(folder, `${name}.test.ts`);
  writeFileSync(file, source);
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `export default { test: { root: '${folder}', testTimeout: 0 } };`,
  );
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const config = join(folder, 'vitest.config.ts');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', config, '--root', folder, name],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' }, timeout: HUNG_MS },
  );
  return { status, output: stdout + stderr };
}

describe('the example of hypercarve/testing', () => {
  it(
    'passes as it stands',
    () => {
      const { status, output } = runTest('sound', example());
      expect(status, output).toBe(0);
      expect(output).toContain('1 passed');
    },
    NO_LIMIT,
  );

  it(
    'fails for a policy that proposes what does not fit, with the rule that refused',
    () => {
      const careless = example().replace('n.freeMib >= memoryMib', 'n.freeMib >= 0');
      const { status, output } = runTest('careless', careless);
      expect(status, output).toBe(1);
      expect(output).toMatch(/vm-(?:memory|node-fit)/);
    },
    NO_LIMIT,
  );
});
