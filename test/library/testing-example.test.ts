/**
 * The example of test/kit/README.md is run as it stands, as a test file of somebody else's would be:
 * only the package's name is replaced by the place of its sources. What it says a failure reads like is what
 * one does.
 *
 * No time is too long on a busy machine: neither the example nor who waits for it has a limit, but for a
 * process that hangs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const readme = readFileSync(join(root, 'test/kit/README.md'), 'utf8');

function example(): string {
  const block = /```ts\n([\s\S]*?)```/.exec(readme);
  if (block === null) throw new Error('test/kit/README.md has no ts example');
  return block[1].replace("'hypercarve/testing'", `'${join(root, 'test/kit/testing.ts')}'`);
}

/** As vitest's reporter `json` tells it. */
interface FileRun {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly failureMessages: readonly string[];
  }[];
}

/** Test files by name, in one run of vitest: to load the sources takes longer than the tests. */
function runTests(sources: Readonly<Record<string, string>>) {
  for (const [name, source] of Object.entries(sources)) {
    writeFileSync(join(folder, `${name}.test.ts`), source);
  }
  const config = join(folder, 'vitest.config.ts');
  const test = `{ root: '${folder}', testTimeout: 0, maxWorkers: 1, isolate: false }`;
  writeFileSync(config, `export default { test: ${test} };`);
  const report = join(folder, 'report.json');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--config', config, '--root', folder],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' }, timeout: HUNG_MS },
  );
  const output = stdout + stderr;
  if (!existsSync(report)) throw new Error(output);
  const { testResults }: { testResults: readonly FileRun[] } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const of = (name: string) => testResults.find((one) => one.name.endsWith(`/${name}.test.ts`));
  return { status, output, of };
}

/** What README says a failure reads like, and the settings that replay it. */
function shownFailure() {
  const [, text = ''] = /```text\n([\s\S]*?)\n```/.exec(readme) ?? [];
  const [, settings = ''] = /^`(\{ seed: SEED, path: .* \})` in place of/m.exec(readme) ?? [];
  return { text, settings };
}

describe('the example of hypercarve/testing', () => {
  it(
    'passes as it stands; a policy that proposes what does not fit fails as is shown, and replays',
    () => {
      const careless = example().replace('n.freeMib >= memoryMib', 'n.freeMib >= 0');
      const shown = shownFailure();
      expect(shown.text).toContain('replay: seed');
      const replayed = careless.replace('{ seed: SEED, runs: 200 }', shown.settings);
      expect(replayed).not.toBe(careless);
      const { status, output, of } = runTests({ sound: example(), careless, replayed });
      expect(of('sound'), output).toMatchObject({
        status: 'passed',
        assertionResults: [{ status: 'passed' }],
      });
      expect(status, output).toBe(1);
      for (const name of ['careless', 'replayed']) {
        expect(of(name), output).toMatchObject({
          status: 'failed',
          assertionResults: [{ status: 'failed' }],
        });
        const [{ failureMessages = [] } = {}] = of(name)?.assertionResults ?? [];
        expect(failureMessages.join()).toContain(shown.text);
      }
    },
    NO_LIMIT,
  );
});
