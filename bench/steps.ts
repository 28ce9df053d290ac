/**
 * What an operation executes: instructions counted one by one, ours and the native twin's, between the
 * same operations of the same trace.
 *
 * Where time is noisy and a virtual machine shows no counters, a count is exact: both programs are
 * stepped through a window in the middle of the trace (`native/steps.c`). Invariant: the same operations
 * on both sides, the replay loop included. Trade-off: thousands of times slower than running, so the
 * window is short; Linux on x86-64 only, elsewhere there is nothing to show.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compiledFile } from './compiled.js';
import { programOf } from './contestant.js';
import { buildNative, buildSteps, buildWasm, type NativePolicy } from './native-build.js';
import type { RacerName } from './racers/racers.js';

export interface Steps {
  readonly name: string;
  /** Per operation. */
  readonly instructions: number;
  /** Conditional jumps per operation. */
  readonly jumps: number;
  /** Of these, how many are of jumps never taken in the window: checks. */
  readonly checks: number;
  /** Distinct instructions executed in the window: how much code there is. */
  readonly distinct: number;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WINDOW = 1000;

/** Of a trace file with `operations`; empty where programs cannot be stepped. */
export function measureSteps(file: string, operations: number, policy: NativePolicy): Steps[] {
  const from = Math.floor(operations * 0.6);
  const end = Math.min(operations, from + WINDOW);
  const twin = nativeSteps(file, from, end, policy);
  const steps = buildSteps();
  if (twin === undefined || 'skipped' in steps) return [];
  const script = compiledFile('window-process');
  const ours = (name: RacerName) => {
    const args = [script, name, file, `${from}`, `${end}`, ...programOf(name)];
    return countOf(name, steps.program, [process.execPath, ...args], '', end - from);
  };
  const wasm = 'program' in buildWasm(policy) ? ours(`wasm ${policy}`) : undefined;
  return [ours(policy), ours(`bare ${policy}`), wasm, ours('floor'), twin].flatMap(
    (one) => one ?? [],
  );
}

/** What the native twin executes for the operations from `from` up to `end`. */
export function nativeSteps(
  file: string,
  from: number,
  end: number,
  policy: NativePolicy,
): Steps | undefined {
  const steps = buildSteps();
  const native = buildNative(policy);
  if ('skipped' in steps || 'skipped' in native) return undefined;
  const command = [native.program, file];
  const input = `window ${from} ${end}\n`;
  return countOf(`native ${policy}`, steps.program, command, input, end - from);
}

function countOf(
  name: string,
  stepper: string,
  command: readonly string[],
  input: string,
  operations: number,
): Steps | undefined {
  const { status, stdout } = spawnSync(stepper, command, { cwd: ROOT, input, encoding: 'utf8' });
  const counts = stdout.trim().split(' ').map(Number);
  if (status !== 0 || counts.length !== 4) return undefined;
  const [instructions, jumps, checks, distinct] = counts;
  const each = (count: number) => count / operations;
  return {
    name: name === 'floor' ? 'the replay loop alone, JavaScript' : name,
    instructions: each(instructions),
    jumps: each(jumps),
    checks: each(checks),
    distinct,
  };
}
