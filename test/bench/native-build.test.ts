/** With which flags the twin is compiled, as a compiler sees them: one that only writes down its arguments. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  BUILDS,
  type BuildName,
  type Built,
  buildNative,
  buildWasm,
} from '../../bench/native-build.js';

const folder = mkdtempSync(join(tmpdir(), 'hypercarve-flags-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes its arguments, a line each, where the program should come. */
const COMPILER = `#!/bin/sh
if [ "$1" = --version ]; then echo pretended; exit 0; fi
all="$*"
for one in "$@"; do out="$one"; done
for one in $all; do echo "$one"; done > "$out"
`;

beforeEach(() => {
  for (const name of ['cc', 'clang']) {
    writeFileSync(join(folder, name), COMPILER);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv('CC', join(folder, 'cc'));
  vi.stubEnv('TMPDIR', folder);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function argumentsOf(built: Built): string[] {
  if ('skipped' in built) throw new Error(built.skipped);
  return readFileSync(built.program, 'utf8').trim().split('\n');
}

const skip = process.platform === 'win32';

describe.skipIf(skip)('flags of the native twin', () => {
  it.each<[BuildName, level: string, also: readonly string[]]>([
    ['fastest', '-O3', []],
    ['bare', '-O3', ['-DBARE']],
    ['without inlining', '-O1', ['-fno-inline']],
    ['unoptimised', '-O0', []],
  ])('%s: %s, for this machine', (build, level, also) => {
    const args = argumentsOf(buildNative('granule-aware', build));
    expect(args.filter((arg) => arg.startsWith('-O'))).toEqual([level]);
    expect(args).toEqual(expect.arrayContaining(['-march=native', ...also]));
    expect(args.includes('-DBARE')).toBe(also.includes('-DBARE'));
    expect(args.includes('-fno-inline')).toBe(also.includes('-fno-inline'));
    expect(args).toContain('-DINDEX="granule-index.h"');
  });

  it('those are all builds, and what races is the fastest', () => {
    expect(Object.keys(BUILDS)).toHaveLength(4);
    const args = argumentsOf(buildNative('best-fit'));
    expect(args.filter((arg) => /^-(O|march|f|D)/.test(arg))).toEqual([
      '-D_POSIX_C_SOURCE=199309L',
      '-march=native',
      '-O3',
      '-DINDEX="best-fit-index.h"',
    ]);
  });

  it('the twin as WebAssembly is compiled as fast as it gets', () => {
    const args = argumentsOf(buildWasm('best-fit'));
    expect(args.filter((arg) => arg.startsWith('-O'))).toEqual(['-O3']);
    expect(args).toContain('--target=wasm32');
  });
});
