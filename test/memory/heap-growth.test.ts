/**
 * The operations of a pool leave nothing on the heap, under any policy: a handle is a double, and one that
 * leaves a function V8 did not inline costs 16 bytes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { POLICY_NAMES } from '../../core/memory/policies.js';

const folder = mkdtempSync(join(tmpdir(), 'hypercarve-heap-'));
const file = join(folder, 'heap-growth.mjs');
// As users run it, compiled: the loader of the tests shapes functions anew.
beforeAll(() => {
  const entry = fileURLToPath(new URL('heap-growth.ts', import.meta.url));
  buildSync({ entryPoints: [entry], bundle: true, format: 'esm', platform: 'node', outfile: file });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What V8 keeps of its own work meanwhile; a handle in every second operation would be 8. */
const NOTHING = 2;
/** What a mark is: no operation, but an object that its owner keeps. */
const MARK_BYTES = 40;

it.each(POLICY_NAMES)(
  '%s: alloc, allocAt and free leave nothing, an undo only its mark',
  (policy) => {
    const room = ['--min-semi-space-size=64', '--max-semi-space-size=64'];
    const args = ['--expose-gc', ...room, file, policy];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const { choose, fixed, undone } = JSON.parse(stdout) as Record<string, number>;
    expect(choose).toBeLessThan(NOTHING);
    expect(fixed).toBeLessThan(NOTHING);
    expect(undone).toBeLessThan(MARK_BYTES);
    // The measure sees what is allocated.
    expect(undone).toBeGreaterThan(1);
  },
  60_000,
);
