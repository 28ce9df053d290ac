/**
 * Every host operation that can fail is made to fail at its k-th call in every shipped scenario:
 * isolation holds right after and at the end, nothing is thrown, and nothing is left behind once the
 * parent has stopped.
 *
 * All k up to 500, 500 more spread evenly beyond. In a run of more than LONG commands the first 500 are
 * followed for HORIZON commands, the 500 beyond are judged on the spot (the operation fails, the parent
 * stops and boots, all is taken back and the run goes on), and a few are followed to the end;
 * HYPERCARVE_RUNS=167 follows all thousand to the end.
 */
import { describe, expect, it } from 'vitest';
import type { AnswerKind } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import { type Before, noteBefore } from '../../core/invariants/before.js';
import { ThrownInRun } from '../../scenarios/run/thrown.js';
import { scaledRuns } from '../seed.js';
import {
  afterRestart,
  breaches,
  expectNothingBroken,
  type Judged,
  judgedHere,
  spread,
} from './after-failure.js';
import { ERRNOS } from './errnos.js';
import {
  type Failable,
  failables,
  failing,
  type Shipped,
  shippedRuns,
  watched,
} from './shipped-runs.js';

const FIRST = 500;
const BEYOND = 500;
const LONG = 2_000;
const FEW = 6;
/** Commands that a long run goes on after a failure, before its parent stops. */
const HORIZON = 100;
const TIMEOUT_MS = 600_000;

/** No shipped scenario has the driver ask for SLOT_INFO; test/platform/nitro-exit-events does. */
const EVERY_ERRNO = Object.entries(ERRNOS).flatMap(([kind, errnos]) =>
  kind === 'SLOT_INFO' ? [] : errnos.map((errno) => [kind as AnswerKind, errno] as const),
);
/** Nobody hears what a close returns. */
const AT_CLOSE: ReadonlySet<AnswerKind> = new Set(['ENCLAVE_STOP', 'SLOT_FREE'] as const);

interface FirstOf {
  readonly shipped: Shipped;
  readonly failable: Failable;
  /** What a run in which nothing fails leaves. */
  readonly expected: ReturnType<typeof afterRestart>;
}

const FIRSTS = new Map<string, FirstOf>();

/** The first operation of a kind in any shipped run; throws where there is none. */
function firstOf(kind: AnswerKind): FirstOf {
  if (FIRSTS.size === 0) {
    for (const shipped of shippedRuns()) {
      const fresh = operationsOf(shipped).list.filter((one) => !FIRSTS.has(one.kind));
      if (fresh.length === 0) continue;
      const sound = shipped.build();
      shipped.run(sound);
      const expected = afterRestart(sound);
      for (const failable of fresh.reverse()) {
        FIRSTS.set(failable.kind, { shipped, failable, expected });
      }
    }
  }
  const first = FIRSTS.get(kind);
  if (first === undefined) throw new Error(`no shipped run asks for ${kind}`);
  return first;
}

/** Every operation that could fail in a run in which none does. */
function operationsOf(shipped: Shipped): { list: Failable[]; commands: number } {
  const list: Failable[] = [];
  let commands = 0;
  const host = watched(shipped.build(), (_at, command, decide) => {
    const decision = decide(command);
    list.push(...failables(commands++, command, decision));
    return decision;
  });
  shipped.run(host);
  return { list, commands };
}

interface Chosen {
  /** Followed to the end of the run. */
  readonly whole: readonly Failable[];
  /** Followed for HORIZON commands. */
  readonly cut: readonly Failable[];
  /** Judged on the spot. */
  readonly onTheSpot: readonly Failable[];
}

function chosen({ list, commands }: ReturnType<typeof operationsOf>): Chosen {
  const [first, beyond] = [list.slice(0, FIRST), spread(list.slice(FIRST), BEYOND)];
  const all = [...first, ...beyond];
  if (commands <= LONG) return { whole: all, cut: [], onTheSpot: [] };
  return { whole: spread(all, scaledRuns(FEW)), cut: first, onTheSpot: beyond };
}

/** Thrown to leave a run in the middle. */
class Enough extends Error {}

interface Way {
  readonly bug?: (decision: Decision) => Decision;
  /** Commands until the run is left. */
  readonly horizon?: number;
}

/** Runs with one operation failing; the host afterwards, and what broke right after. */
function withFailure(
  shipped: Shipped,
  target: Failable,
  { bug = (decision) => decision, horizon = Number.POSITIVE_INFINITY }: Way = {},
): { host: Host; found: string[] } {
  const found: string[] = [];
  let position = 0;
  let isOver = false;
  let before: Before | undefined;
  const host = watched(shipped.build(), (at, command, decide) => {
    if (isOver) return decide(command);
    if (position === target.position + 1) {
      found.push(...breaches(at, before));
      before = undefined;
    }
    if (position > target.position + horizon) throw new Enough();
    if (position++ !== target.position) return decide(command);
    const failed = failing(command, target);
    before = noteBefore(at, failed);
    return bug(decide(failed));
  });
  try {
    shipped.run(host);
  } catch (error) {
    const cause = error instanceof ThrownInRun ? error.cause : error;
    if (!(cause instanceof Enough)) throw error;
  }
  isOver = true;
  found.push(...breaches(host, before));
  return { host, found };
}

/** One sound run; wherever one of `targets` could fail it does, is judged, and is taken back. */
function judgeOnTheSpot(
  shipped: Shipped,
  targets: readonly Failable[],
  judge: (target: Failable, judged: Judged) => void,
): void {
  const { profile } = shipped.build();
  let position = 0;
  const host = watched(shipped.build(), (at, command, decide) => {
    for (const target of targets.filter((one) => one.position === position)) {
      const failed = failing(command, target);
      judge(target, judgedHere(at, failed, decide(failed), profile));
    }
    position++;
    return decide(command);
  });
  shipped.run(host);
}

describe('one operation fails', () => {
  it.each(shippedRuns())(
    'N12 holds: anywhere in $name',
    (shipped) => {
      const operations = operationsOf(shipped);
      const sound = shipped.build();
      shipped.run(sound);
      const expected = afterRestart(sound);
      const judge = (target: Failable, one: Judged) => {
        judged++;
        expectNothingBroken(target, one, expected);
      };
      let judged = 0;
      const { whole, cut, onTheSpot } = chosen(operations);
      for (const [targets, way] of [
        [whole, {}],
        [cut, { horizon: HORIZON }],
      ] as const) {
        for (const target of targets) {
          const { host, found } = withFailure(shipped, target, way);
          judge(target, { found, left: afterRestart(host) });
        }
      }
      judgeOnTheSpot(shipped, onTheSpot, judge);
      expect(judged).toBe(whole.length + cut.length + onTheSpot.length);
    },
    Math.max(TIMEOUT_MS, scaledRuns(TIMEOUT_MS)),
  );

  // Found bug of this harness: all failed with EIO, so a step that asks for another was never met.
  it.each(EVERY_ERRNO)(
    'N12 holds: %s fails with errno %i, and who asked is told',
    (kind, errno) => {
      const told: Decision[] = [];
      const { shipped, failable, expected } = firstOf(kind);
      const noted = (decision: Decision): Decision => {
        told.push(decision);
        return decision;
      };
      const { host, found } = withFailure(shipped, { ...failable, kind, errno }, { bug: noted });
      expectNothingBroken(failable, { found, left: afterRestart(host) }, expected);
      expect(told).toHaveLength(1);
      const [{ refusal, facts }] = told;
      if (kind === 'CPU_ONLINE') expect(refusal?.rule).not.toBe('nitro.answered');
      else expect(refusal?.numbers).toEqual({ call: kind, errno });
      if (AT_CLOSE.has(kind)) expect(facts.rc).toBe(0);
      else if (kind !== 'CPU_ONLINE') expect(facts.rc).toBe(-errno);
    },
  );

  it('the harness is not blind: a failed step that forgets to return what it took is found', () => {
    const shipped = shippedRuns().find(({ name }) => name.startsWith('two-and-a-third'));
    if (shipped === undefined) throw new Error('the scenario is gone');
    const forgets = (decision: Decision): Decision => ({
      ...decision,
      effects: decision.effects.filter(({ kind }) => kind !== 'scrub' && kind !== 'release'),
    });
    const found = operationsOf(shipped).list.flatMap(
      (target) => withFailure(shipped, target, { bug: forgets }).found,
    );
    expect(found.join('\n')).toMatch(/no-leak: frames .* belong to enclave \d+, which ended/);
  });

  // Found bug of this harness: a CPU that nobody has was not asked for, and a boot brings all back.
  it('nor to one that forgets to bring back the CPUs it took offline before one failed', () => {
    const forgets = (decision: Decision): Decision => ({
      ...decision,
      effects: [...decision.effects, { kind: 'set-online', cpu: 1, to: 0 }],
    });
    const found = shippedRuns().flatMap((shipped) => {
      const second = ({ kind, nth }: Failable) => kind === 'CPU_OFFLINE' && nth === 2;
      const target = operationsOf(shipped).list.find(second);
      return target === undefined ? [] : [withFailure(shipped, target, { bug: forgets }).found];
    });
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expect(one.join()).toMatch(/no-leak: CPU 1 is offline/);
  });

  it('most scenarios have operations that can fail', () => {
    const counts = shippedRuns().map((shipped) => operationsOf(shipped).list.length);
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(20);
    expect(Math.max(...counts)).toBeGreaterThan(FIRST + BEYOND);
  });
});
