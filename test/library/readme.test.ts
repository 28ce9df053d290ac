/**
 * The README's library example is run as it stands, through the package's own name and built files,
 * and is the file beside this one, which the strict compilation of everything includes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ENGINE_VERSION } from '../../core/version.js';
import { fleet } from '../../scenarios/cli/fleet.js';
import { FLEET_RULES } from '../../scenarios/engine/fleet-rules.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside dist/, so that the package finds itself by name.
const folder = mkdtempSync(join(root, 'dist', 'readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function readmeExample(): string {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const block = /```ts\n([\s\S]*?)```/.exec(text);
  if (block === null) throw new Error('README.md has no ts example');
  return block[1];
}

/** What the README says that JavaScript leaves out. */
function inJavaScript(example: string): string {
  return example.replace(/ *type Command,\n/, '').replace(': Command', '');
}

describe('README', () => {
  it('Q17 refused: the library example runs and prints what its comments say', () => {
    const file = join(folder, 'example.mjs');
    writeFileSync(file, inJavaScript(readmeExample()));
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toBe("[ 'QT 10' ] image-ratio");
    expect(lines.at(-2)).toBe("[ 'image-ratio' ]");
    expect(lines.at(-1)).toBe('[]');
  });

  it('the library example is the file that is compiled strictly', () => {
    const compiled = readFileSync(join(root, 'test/library/readme-example.ts'), 'utf8');
    const [, ...lines] = compiled.replace("'../../core/index.js'", "'hypercarve'").split('\n');
    expect(readmeExample()).toBe(lines.join('\n'));
    // Strict, and not left out: else nobody compiles it.
    const config = readFileSync(join(root, 'tsconfig.json'), 'utf8');
    const { compilerOptions, include } = JSON.parse(config);
    expect([compilerOptions.strict, include.includes('test')]).toEqual([true, true]);
  });

  it('the engine version is the package version', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ version: ENGINE_VERSION });
  });
});

describe('README, of a refused ask', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const about = /\n- `onRefusal` is one of[\s\S]*?\n\n/.exec(text)?.[0] ?? '';
  const forms = [...about.matchAll(/`(\{ kind: [^`]*\})`/g)].map(([, form]) => form);
  const churn = readFileSync(join(root, 'scenarios/library/fleets/churn.yaml'), 'utf8');

  it('each form it shows runs as it stands', async () => {
    expect(forms.map((form) => /kind: (\w+)/.exec(form)?.[1])).toEqual([
      'refuse',
      'retry',
      'queue',
    ]);
    const file = join(folder, 'fleet.yaml');
    for (const form of forms) {
      const set = churn.replace('requests: 3000', 'requests: 30');
      writeFileSync(file, `${set}\nonRefusal: ${form}\n`);
      const streams = recordedStreams();
      expect(await fleet(file, {}, streams), form + streams.stderr()).toBe(0);
    }
  });

  it('remedies and the schema show forms of that list, to the letter', () => {
    const schema = readFileSync(join(root, 'scenarios/engine/fleet.schema.json'), 'utf8');
    const said = FLEET_RULES.filter(({ remedy }) => remedy.includes('let the ask wait'));
    expect(said.length).toBeGreaterThan(2);
    for (const form of forms.slice(1)) {
      for (const { remedy } of said) expect(remedy).toContain(form);
      expect(schema).toContain(form);
    }
  });
});
