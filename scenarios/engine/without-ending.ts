/**
 * Code of a user's own, run while nothing in it can end the process.
 *
 * Invariant: whatever ends a process from within throws in there, and a call of it that the code caught
 * is an error all the same; outside everything is as it was. Trade-off: only what runs then and there is
 * held, not what it leaves to a timer; who waits for the process notices that (cli/until-done.ts,
 * sweep/pool-runner.ts).
 */
import { PolicyFault } from '../../core/placement/guarded-policy.js';

const ENDS = ['exit', 'reallyExit', 'abort'] as const;

/** The last of them is none that Node documents; `exit` calls it. */
const ends = process as unknown as Record<(typeof ENDS)[number], unknown>;
let kept: readonly unknown[] = [];
/** Codes that are held at a time: several modules may be loading. */
let held = 0;
let calls = 0;
let last = '';

export async function withoutEndingAsync<T>(run: () => Promise<T>): Promise<T> {
  const before = calls;
  hold();
  try {
    return unlessCalled(before, await run());
  } finally {
    release();
  }
}

export function withoutEnding<T>(run: () => T): T {
  const before = calls;
  hold();
  try {
    return unlessCalled(before, run());
  } finally {
    release();
  }
}

function hold(): void {
  if (held++ > 0) return;
  kept = ENDS.map((name) => ends[name]);
  for (const name of ENDS) {
    ends[name] = () => {
      calls++;
      last = `it called process.${name}, and a policy ends nothing`;
      throw new PolicyFault(last);
    };
  }
}

function release(): void {
  if (--held > 0) return;
  for (const [i, name] of ENDS.entries()) ends[name] = kept[i];
}

function unlessCalled<T>(before: number, value: T): T {
  if (calls > before) throw new PolicyFault(last);
  return value;
}
