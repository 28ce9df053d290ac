/**
 * What is looked at once an operation has failed: what broke right after, and what is left behind when
 * the parent has stopped and booted again.
 *
 * Invariant: a failure that is judged on the spot is taken back, so that the run goes on as if it had
 * not been. Trade-off: what is left is owners, records and CPUs; what a run said is not compared.
 */
import { expect } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import { applyUndoable, decide, runInPlace, type UndoMark, undo } from '../../core/host/step.js';
import { type Before, noteBefore } from '../../core/invariants/before.js';
import { checkInvariants } from '../../core/invariants/check.js';
import type { Profile } from '../../core/platform/profile.js';
import { expectSame } from '../expect-same.js';
import type { Failable } from './shipped-runs.js';

/** At most `most` of them, evenly from first to last. */
export function spread<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]);
}

/** Breaches that no named quirk of the platform explains; what a command may not do needs the note before it. */
export function breaches(host: Host, before?: Before): string[] {
  return checkInvariants(host, before)
    .filter(({ quirk }) => quirk === undefined)
    .map(({ invariant, message }) => `${invariant}: ${message}`);
}

export type AfterRestart = ReturnType<typeof afterRestart>;

/** Owners of all memory and CPUs once the parent has stopped and booted again. */
export function afterRestart(
  host: Host,
  run: (command: Command) => unknown = (one) => runInPlace(host, one),
) {
  if (host.tree.parent === 'running') run({ kind: 'parent.stop' });
  run({ kind: 'parent.boot' });
  const { records, mappings, dirty, counters, online } = host.tree;
  const owners = host.memory.map(({ base, pools }) =>
    [base, ...pools.map(({ store }) => store)].map((store) =>
      [...store.extents()].map(({ start, frames, owner }) => `${start}+${frames}:${owner}`),
    ),
  );
  const { pinned } = counters;
  const left = { records: [...records], mappings: [...mappings], dirty: [...dirty], pinned };
  return { left, owners, online: [...online] };
}

export interface Judged {
  readonly found: readonly string[];
  readonly left: AfterRestart;
}

/** What the decision on a command breaks and leaves; then all is taken back. `profile`: with nothing between. */
export function judgedHere(
  at: Host,
  command: Command,
  { effects }: Decision,
  profile: Profile,
): Judged {
  const before = noteBefore(at, command);
  const mark = applyUndoable(at, effects);
  const found = breaches(at, before);
  const marks: UndoMark[] = [];
  const sound = { ...at, profile };
  const left = afterRestart(at, (what) =>
    marks.push(applyUndoable(at, decide(sound, what).effects)),
  );
  for (const back of marks.reverse()) undo(at, back);
  undo(at, mark);
  return { found, left };
}

const NOTHING_LEFT = { records: [], mappings: [], dirty: [], pinned: 0 };

/** Nothing broke, and nothing is left that a run without the failure would not leave. */
export function expectNothingBroken(
  { kind, nth, position }: Failable,
  { found, left }: Judged,
  expected: AfterRestart,
): void {
  const what = `${kind} ${nth} of command ${position}`;
  if (found.length > 0) expect.fail(`${what}: ${found.join('; ')}`);
  expectSame(left.left, NOTHING_LEFT, what);
  expectSame(left.owners, expected.owners, what);
  // Quirk `pool-cpu-stays-offline`: a CPU that failed to come online is only logged.
  const lost = left.online.filter((on, cpu) => on !== expected.online[cpu]).length;
  expect(lost, what).toBeLessThanOrEqual(kind === 'CPU_ONLINE' ? 1 : 0);
}
