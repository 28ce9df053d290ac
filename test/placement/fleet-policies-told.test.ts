/** What sets each fleet policy apart, a sentence a row: what is asked, what is free, what it proposes. */
import { describe, expect, it } from 'vitest';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import type { FleetAsk, FleetProposal, FleetView } from '../../core/placement/fleet-view.js';
import { ASK, type Free, one, take, viewOf } from './fleet-views.js';

/** What was asked, free of the parents, and what the policy proposes, for what sets it apart. */
type Told = readonly [string, Partial<FleetAsk>, Free, FleetProposal, Partial<FleetView>?];

const running = (...list: number[]) => Int32Array.from(list);
const ends = (...list: number[]) => Float64Array.from(list);
const GIB = 1024;

const TOLD: Readonly<Record<string, readonly Told[]>> = {
  'best-fit': [
    ['less memory left before fewer threads', {}, [one(514, 2), one(513, 9)], take(1)],
    ['of equal memory the fewer threads', {}, [one(600, 9), one(600, 3), one(600, 4)], take(1)],
    ['the tightest node of a parent', {}, [[...one(900), ...one(600), ...one(700)]], take(0, 1)],
    [
      'of a parent the tightest nodes together, told in their order',
      { nodes: 2, memoryMib: 1024 },
      [[...one(900), ...one(2000), ...one(600)]],
      take(0, 0, 2),
    ],
    [
      'over nodes, the parent whose dearest node is cheapest',
      { nodes: 2, memoryMib: 1024 },
      [
        [...one(512), ...one(900)],
        [...one(600), ...one(600)],
        [...one(700), ...one(600)],
      ],
      take(1, 0, 1),
    ],
  ],
  'worst-fit': [
    ['more memory left before more threads', {}, [one(513, 9), one(514, 2)], take(1)],
    ['of equal memory the more threads', {}, [one(600, 3), one(600, 9), one(600, 4)], take(1)],
  ],
  'node-local-pack': [
    [
      'a parent in use before an empty one that is smaller',
      {},
      [one(600, 2), one(600, 8)],
      take(1),
      { running: running(0, 1) },
    ],
    [
      'the fullest of two in use',
      {},
      [one(600, 8), one(600, 6), one(600, 7)],
      take(1),
      { running: running(1, 1, 1) },
    ],
    ['the smallest of two that are empty', {}, [one(600, 8), one(600, 4)], take(1)],
    [
      'of the nodes of a parent one in use before an empty one that is smaller',
      {},
      [[...one(600, 20), ...one(600, 8)]],
      take(0, 0),
      { running: running(1), poolThreads: running(48, 8) },
    ],
    [
      'an empty node of a parent in use before a parent that is empty',
      {},
      [one(600, 4), one(600, 48)],
      take(1),
      { running: running(0, 1), poolThreads: running(4, 48) },
    ],
  ],
  'keep-1g': [
    [
      'loose memory before a whole run, though that would be used up to its end',
      { memoryMib: GIB },
      [one(GIB, 8, 1), one(2 * GIB)],
      take(1),
    ],
    [
      'one run broken before two used up to their end',
      { memoryMib: 2 * GIB },
      [one(8 * GIB, 8, 8), one(21.9 * GIB, 8, 20)],
      take(1),
    ],
    [
      'of as many runs gone the tighter fit',
      { memoryMib: GIB },
      [one(9 * GIB, 8, 9), one(8 * GIB, 8, 8), one(8.5 * GIB, 8, 8)],
      take(1),
    ],
    [
      'one run more before the tighter fit, however many TiB lie between',
      { memoryMib: GIB },
      [one(GIB, 8, 1), one(24 * GIB * GIB, 8, 0)],
      take(1),
    ],
    [
      'loose memory and whole runs to their end before a run that is broken',
      { memoryMib: 1.5 * GIB },
      [one(2 * GIB, 8, 2), one(2.5 * GIB, 8, 2)],
      take(1),
    ],
    [
      'the tighter of two that break nothing, runs used up or not',
      { memoryMib: 1.5 * GIB },
      [one(2 * GIB), one(2.5 * GIB, 8, 2)],
      take(0),
    ],
    [
      'over two nodes, by what a part of each breaks',
      { memoryMib: GIB, nodes: 2 },
      [
        [...one(GIB, 8, 1), ...one(GIB, 8, 1)],
        [...one(GIB), ...one(GIB)],
      ],
      take(1, 0, 1),
    ],
    [
      'of two parents by a part, though the whole would break runs of one',
      { memoryMib: GIB, nodes: 2 },
      [
        [...one(1.5 * GIB, 8, 1), ...one(1.5 * GIB, 8, 1)],
        [...one(2 * GIB), ...one(2 * GIB)],
      ],
      take(0, 0, 1),
    ],
  ],
  'lifetime-aware': [
    [
      'any parent in use before an empty one, whatever ended there before',
      { end: 1000 },
      [one(600), one(900)],
      take(1),
      { running: running(0, 1), lastEnd: ends(1000, 9000) },
    ],
    [
      'the nearest end, before it or after it',
      { end: 1000 },
      [one(600), one(600), one(600)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(10, 1100, 1200) },
    ],
    [
      'a millisecond nearer before a fit tighter by 24 TiB',
      { end: 1000 },
      [one(600), one(24 * GIB * GIB)],
      take(1),
      { running: running(1, 1), lastEnd: ends(1002, 1001) },
    ],
    [
      'of equally near ends the tightest fit',
      { end: 1000 },
      [one(9 * GIB), one(GIB), one(2 * GIB)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(1100, 1100, 1100) },
    ],
    [
      'of those kept equally longer the tightest fit',
      { end: 1000 },
      [one(9 * GIB), one(GIB), one(2 * GIB)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(900, 900, 900) },
    ],
    [
      'who stays anyhow before one that would be kept a millisecond longer',
      { end: 1000 },
      [one(600), one(600), one(600)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(999, 3_000_000_000, 10) },
    ],
    [
      'of those that stay anyhow the nearest end, to the millisecond',
      { end: 1000 },
      [one(600), one(24 * GIB * GIB), one(600)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(1001, 1000, 1002) },
    ],
    [
      'where all would be kept longer, the one that ends last',
      { end: 9000 },
      [one(600), one(900), one(600)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(400, 500, 300) },
    ],
    [
      'one that never ends before one that would be kept longer',
      { end: 1000 },
      [one(600), one(900)],
      take(1),
      { running: running(1, 1), lastEnd: ends(999, Number.POSITIVE_INFINITY) },
    ],
    [
      'a parent in use for good before an empty one',
      { end: Number.POSITIVE_INFINITY },
      [one(600), one(900)],
      take(1),
      { running: running(0, 1), lastEnd: ends(0, 10) },
    ],
    ['of empty parents the tightest', {}, [one(9 * GIB), one(GIB), one(3 * GIB)], take(1)],
    [
      'of those that never end the tightest',
      { end: Number.POSITIVE_INFINITY },
      [one(900), one(600), one(700)],
      take(1),
      { running: running(1, 1, 1), lastEnd: ends(Infinity, Infinity, Infinity) },
    ],
    [
      'with one that never ends, what never ends either',
      { end: Number.POSITIVE_INFINITY },
      [one(600), one(900)],
      take(1),
      { running: running(1, 1), lastEnd: ends(5000, Number.POSITIVE_INFINITY) },
    ],
  ],
};

describe.each(Object.entries(TOLD))('placement policy %s takes', (name, rows) => {
  for (const [what, ask, free, expected, given] of rows) {
    it(what, () => {
      const view = viewOf(free, given ?? {});
      expect(fleetPolicy(name)?.propose(view, { ...ASK, ...ask })).toEqual(expected);
    });
  }
});
