/**
 * A stop of the simulator between any two commands of a parent of a shipped fleet, then recovery from
 * that parent's journal: the same state after a stop, and from some stops on the same end.
 *
 * A push asks the first SHORT requests of a fleet, looks at every STRIDE-th stop, and follows two of each
 * parent to the end; HYPERCARVE_RUNS=167 asks all requests, looks at every stop, and follows some three
 * hundred of each parent. Trade-off: a fleet run keeps no journals; each parent's is written here, from
 * the commands that it was given.
 */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { readJournal } from '../../core/journal/stored.js';
import { scaledRuns } from '../seed.js';
import { spread } from './after-failure.js';
import {
  type Begun,
  haveOneState,
  recovered,
  stateOf,
  strayed,
  type Told,
  toldOf,
} from './replayed.js';
import { SHIPPED_FLEETS, type ShippedFleet } from './shipped-fleets.js';

const SHORT = 60;
const STRIDE = Math.ceil(10 / scaledRuns(1));
const TIMEOUT_MS = 600_000;

/** Each parent, and what its journal tells of the run. */
function toldByParent(fleet: ShippedFleet, most: number): (Begun & { told: Told })[] {
  const commands: Command[][] = fleet.build().map(() => []);
  const { hosts } = fleet.run(
    (parent, _at, command, decide) => {
      commands[parent].push(command);
      return decide(command);
    },
    { steps: false, most },
  );
  return hosts.map((host, parent) => {
    const begun = { name: `parent ${parent}`, build: () => fleet.buildOne(parent) };
    const told = toldOf(begun, commands[parent], `parent ${parent} of ${fleet.name}`);
    expect(told.end, begun.name).toBe(stateOf(host));
    return { ...begun, told };
  });
}

describe('a stop between two commands of a parent of a fleet', () => {
  it.each(SHIPPED_FLEETS)(
    'recovery ends as the run did, $name',
    (fleet) => {
      const most = Math.min(fleet.requests, scaledRuns(SHORT));
      const parents = toldByParent(fleet, most);
      for (const { told, ...begun } of parents) {
        const stops = told.commands.map((_command, k) => k);
        for (const k of spread(stops.slice(1), scaledRuns(2))) {
          const text = told.head + told.lines.slice(0, k).join('');
          const { host, hash } = recovered(begun, told, readJournal(text));
          const same = haveOneState(host, told.last);
          expect([hash, same], `${begun.name}, ${k}`).toEqual([told.hash, true]);
        }
        expect(strayed(begun, told, STRIDE), begun.name).toEqual([]);
      }
      const commands = parents.reduce((sum, { told }) => sum + told.commands.length, 0);
      expect(commands).toBeGreaterThanOrEqual(most / 2);
    },
    Math.max(TIMEOUT_MS, scaledRuns(TIMEOUT_MS)),
  );

  it('a parent that strays is found at the stop where it does', () => {
    const [{ told, ...begun }] = toldByParent(SHIPPED_FLEETS[0], 40);
    const commands = told.commands.map((command, k): Command => {
      return k === 3 ? { kind: 'parent.stop' } : command;
    });
    expect(strayed(begun, { ...told, commands }, 1)[0]).toBe(4);
  });
});
