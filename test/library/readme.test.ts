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
