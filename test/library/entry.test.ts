/** The door of the testing kit is the kit, and without a peer says what to install. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as entry from '../kit/entry.js';
import * as testing from '../kit/testing.js';

const folder = mkdtempSync(join(tmpdir(), 'hypercarve-entry-'));
const source = fileURLToPath(new URL('../kit/entry.ts', import.meta.url));
const lone = join(folder, 'entry.mjs');
beforeAll(() => {
  const { code } = transformSync(readFileSync(source, 'utf8'), { loader: 'ts' });
  writeFileSync(lone, code.replace('./testing.js', './testing.mjs'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What Node says when the door is imported where the kit is this text. */
function said(kit: string): string {
  writeFileSync(join(folder, 'testing.mjs'), kit);
  const { status, stderr } = spawnSync(process.execPath, [lone], { encoding: 'utf8' });
  expect(status).toBe(1);
  return stderr;
}

it('every name of the kit is handed on', () => {
  expect({ ...entry }).toEqual({ ...testing });
});

it('a missing peer is named, with what to do and the cause', () => {
  const words = said("import 'fast-check'");
  expect(words).toContain(
    'Error: hypercarve/testing needs fast-check beside it: npm install --save-dev fast-check vitest',
  );
  expect(words).toContain('ERR_MODULE_NOT_FOUND');
});

it('package.json leads to it', () => {
  const text = readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8');
  expect(JSON.parse(text).exports['./testing']).toEqual({
    types: './dist/test/kit/testing.d.ts',
    default: './dist/test/kit/entry.js',
  });
});
