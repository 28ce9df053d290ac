/**
 * The same of shipped fleets, whose launches are then the platform's own programs of steps: the k-th
 * operation that can fail does, on whichever parent it is.
 *
 * All k up to 500, 100 more spread evenly beyond, are judged on the spot (the operation fails, the
 * parent stops and boots, all is taken back and the run goes on), and a few are followed to the end. A
 * push asks the first SHORT requests of a fleet; HYPERCARVE_RUNS=167 asks all, judges 500 beyond, and
 * follows all thousand to the end. Plain VMs have no operation that can fail below their rules.
 */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import { type Before, noteBefore } from '../../core/invariants/before.js';
import { scaledRuns } from '../seed.js';
import {
  afterRestart,
  breaches,
  expectNothingBroken,
  judgedHere,
  spread,
} from './after-failure.js';
import { type Between, SHIPPED_FLEETS, type ShippedFleet } from './shipped-fleets.js';
import { type Failable, failables, failing } from './shipped-runs.js';

const FIRST = 500;
const BEYOND = Math.min(500, scaledRuns(100));
/** Requests of a fleet that a push asks. */
const SHORT = 200;
const FEW = 6;
const TIMEOUT_MS = 600_000;

/** Every operation that could fail in a run in which none does; positions count over all parents. */
function operationsOf(fleet: ShippedFleet, most: number): Failable[] {
  const list: Failable[] = [];
  let commands = 0;
  fleet.run(
    (_parent, _at, command, decide) => {
      const decision = decide(command);
      list.push(...failables(commands++, command, decision));
      return decision;
    },
    { steps: fleet.platform === 'qingtian', most },
  );
  return list;
}

function chosen(list: readonly Failable[]): Failable[] {
  return [...list.slice(0, FIRST), ...spread(list.slice(FIRST), BEYOND)];
}

const sound: Between = (_parent, _at, command, decide) => decide(command);

const IS_LONG = scaledRuns(FEW) >= FIRST + BEYOND;
const requestsOf = ({ requests }: ShippedFleet) => (IS_LONG ? requests : Math.min(SHORT, requests));

const WITH_FAILURES = SHIPPED_FLEETS.filter(({ platform }) => platform === 'qingtian');

describe('one operation fails in a fleet', () => {
  it.each(WITH_FAILURES)('N12 holds: on the spot, $name', (fleet) => {
    const expected = fleet.build().map((host) => afterRestart(host));
    const { profile } = fleet.build()[0];
    const most = requestsOf(fleet);
    const at = byPosition(chosen(operationsOf(fleet, most)));
    let position = 0;
    let judged = 0;
    fleet.run(
      (parent, host, command, decide) => {
        for (const target of at.get(position++) ?? []) {
          const failed = failing(command, target);
          const one = judgedHere(host, failed, decide(failed), profile);
          expectNothingBroken(target, one, expected[parent]);
          judged++;
        }
        return decide(command);
      },
      { steps: true, most },
    );
    expect(judged).toBe(FIRST + BEYOND);
  });

  it.each(WITH_FAILURES)(
    'N12 holds: to the end, $name',
    (fleet) => {
      const most = requestsOf(fleet);
      const targets = spread(chosen(operationsOf(fleet, most)), scaledRuns(FEW));
      const expected = fleet.build().map((host) => afterRestart(host));
      for (const target of targets) {
        const { found, hosts } = withFailure(fleet, target, { most });
        for (const [parent, host] of hosts.entries()) {
          expectNothingBroken(target, { found, left: afterRestart(host) }, expected[parent]);
        }
      }
      expect(targets.length).toBeGreaterThanOrEqual(FEW);
    },
    Math.max(TIMEOUT_MS, scaledRuns(TIMEOUT_MS)),
  );

  it.each(WITH_FAILURES)('$name ends alike, launched at once or in steps', (fleet) => {
    const way = { most: SHORT };
    const [one, other] = [true, false].map((steps) => fleet.run(sound, { ...way, steps }));
    expect(one.result).toEqual(other.result);
    expect(one.result.accepted).toBeGreaterThan(SHORT / 2);
  });

  it('the harness is not blind: a failed step that forgets to return what it took is found', () => {
    const [fleet] = WITH_FAILURES;
    const forgets = (decision: Decision): Decision => ({
      ...decision,
      effects: decision.effects.filter(({ kind }) => kind !== 'scrub' && kind !== 'release'),
    });
    const most = 4;
    const found = operationsOf(fleet, most).flatMap(
      (target) => withFailure(fleet, target, { most, bug: forgets }).found,
    );
    expect(found.join('\n')).toMatch(/no-leak: frames .* belong to enclave \d+, which ended/);
  });

  it('those of plain VMs have none, the others more than are judged', () => {
    const counts = SHIPPED_FLEETS.map((fleet) => {
      return [fleet.platform, operationsOf(fleet, SHORT).length] as const;
    });
    expect(counts.filter(([, count]) => count > FIRST)).toHaveLength(WITH_FAILURES.length);
    expect(counts.filter(([platform, count]) => platform === 'vm' && count > 0)).toEqual([]);
    expect(WITH_FAILURES.length).toBeGreaterThanOrEqual(2);
  });
});

function byPosition(targets: readonly Failable[]): ReadonlyMap<number, readonly Failable[]> {
  const at = new Map<number, Failable[]>();
  for (const target of targets)
    at.set(target.position, [...(at.get(target.position) ?? []), target]);
  return at;
}

interface Way {
  readonly most: number;
  readonly bug?: (decision: Decision) => Decision;
}

/** A run with one operation failing: what broke right after and at the end, and the parents then. */
function withFailure(
  fleet: ShippedFleet,
  target: Failable,
  { most, bug = (decision) => decision }: Way,
) {
  const found: string[] = [];
  let position = 0;
  let hit = -1;
  let before: Before | undefined;
  const { hosts } = fleet.run(
    (parent, at, command: Command, decide) => {
      if (parent === hit) {
        found.push(...breaches(at, before));
        hit = -1;
      }
      if (position++ !== target.position) return decide(command);
      hit = parent;
      const failed = failing(command, target);
      before = noteBefore(at, failed);
      return bug(decide(failed));
    },
    { steps: true, most },
  );
  found.push(...hosts.flatMap((host) => breaches(host)));
  return { found, hosts };
}
