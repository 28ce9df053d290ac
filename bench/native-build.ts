/**
 * Builds the native baseline with the system's C compiler, outside the tree.
 *
 * Invariant: the file name holds a hash of the sources and flags, so a stale binary is never raced.
 * Trade-off: no compiler, or one that fails, is a note and not an error.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('./native', import.meta.url));
const FLAGS = ['-std=c11', '-D_POSIX_C_SOURCE=199309L', '-march=native', '-Wall', '-Wextra'];

/** No library; memory for any trace of the bench, which the system gives as it is touched. */
const WASM_FLAGS = [
  ...['--target=wasm32', '-std=c11', '-O3', '-ffreestanding', '-nostdlib', '-mbulk-memory'],
  ...['-Wall', '-Wextra', '-Wl,--no-entry', `-Wl,--initial-memory=${2 ** 28}`],
];

/**
 * How the twin is compiled: as fast as it gets; the same without what a bare search does without (pool.h
 * says what); or hobbled to see what an optimisation is worth.
 */
export const BUILDS = {
  fastest: ['-O3'],
  bare: ['-O3', '-DBARE'],
  'without inlining': ['-O1', '-fno-inline'],
  unoptimised: ['-O0'],
} as const;

export type BuildName = keyof typeof BUILDS;

/** The policies that have a native twin, and the header that holds it. */
export const NATIVE_INDEX = {
  'granule-aware': 'granule-index.h',
  'best-fit': 'best-fit-index.h',
} as const;

export type NativePolicy = keyof typeof NATIVE_INDEX;

export type Built = { readonly program: string } | { readonly skipped: string };

export function hasNative(policy: string): policy is NativePolicy {
  return Object.hasOwn(NATIVE_INDEX, policy);
}

export function buildNative(policy: NativePolicy, build: BuildName = 'fastest'): Built {
  const flags = [...FLAGS, ...BUILDS[build], `-DINDEX="${NATIVE_INDEX[policy]}"`];
  return compile('replay.c', policy, flags);
}

/** The twin as a module of WebAssembly; needs `clang` and `wasm-ld` (Debian: `apt-get install clang lld`). */
export function buildWasm(policy: NativePolicy): Built {
  const flags = [...WASM_FLAGS, `-DINDEX="${NATIVE_INDEX[policy]}"`];
  return compile('wasm.c', `wasm-${policy}`, flags, 'clang');
}

/** The program that counts instructions. */
export function buildSteps(): Built {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { skipped: 'programs are stepped on Linux on x86-64 only' };
  }
  return compile('steps.c', 'steps', ['-std=c11', '-D_DEFAULT_SOURCE', '-O2', '-Wall', '-Wextra']);
}

function compile(
  source: string,
  name: string,
  flags: readonly string[],
  compiler = process.env.CC ?? 'cc',
): Built {
  const version = spawnSync(compiler, ['--version'], { encoding: 'utf8' });
  if (version.status !== 0) return { skipped: `no C compiler (${compiler}): ${name} is skipped` };
  const hash = createHash('sha256').update([compiler, version.stdout, ...flags].join('\n'));
  for (const file of readdirSync(SOURCES).sort()) hash.update(readFileSync(join(SOURCES, file)));
  const folder = join(tmpdir(), 'hypercarve-bench-native');
  const program = join(folder, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return { program };
  mkdirSync(folder, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  const args = [...flags, join(SOURCES, source), '-o', unfinished];
  const { status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (status !== 0) return { skipped: `${compiler} failed, ${name} is skipped: ${stderr.trim()}` };
  renameSync(unfinished, program);
  return { program };
}
