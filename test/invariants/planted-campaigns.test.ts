/**
 * The property tests can fail: random commands meet every fault that `verify --self-test` plants, by
 * the invariant meant for it, and the counterexample shrinks to a few commands.
 *
 * The campaign is that of test/kit, first with whole launches (`qingtian.launch`), so that a breach of
 * a running enclave is two commands away, then in single steps. Where a fault takes more than six
 * commands, a row says how many and why. Shrinking only leaves commands out: fast-check's own also
 * shrinks each number, which here takes minutes and makes no sequence shorter.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLANTED_FAULTS, type PlantedFault, plant } from '../../core/explore/planted-faults.js';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { noteBefore } from '../../core/invariants/before.js';
import { checkInvariants, INVARIANTS } from '../../core/invariants/check.js';
import { type Campaign, NITRO_CAMPAIGN, QINGTIAN_CAMPAIGN } from '../kit/campaigns.js';
import type { Intent } from '../kit/intents.js';

/** Intents a sequence has before it is shrunk, and sequences tried in each of the two ways. */
const LENGTH = 60;
const SEQUENCES = 60;
const FEW = 6;

/** Faults that take a whole life in single steps to meet, with the commands that takes. */
const LONGER: Readonly<Record<string, number>> = {
  // reserve, define, map, add memory, load image, add CPUs, a start that the hypervisor refuses
  'core-lost-on-failed-step': 7,
  // reserve, then define, map and add memory of two enclaves: the launch at once donates otherwise
  'off-by-one-frame': 7,
  // reserve, the single steps up to the start, the first heartbeat
  'cap-forgotten': 7,
  'resize-after-start': 8,
  // pool, hugepages twice, create, map, touch, give memory, and what follows; `verify` finds one less
  'half-granule': 7,
  'scrub-forgotten-by-close': 9,
  'page-kept-by-close': 9,
  // the same, two vCPUs and a start
  'reserved-cid': 11,
};

/** With `atOnce` every definition becomes a whole launch. */
function commandOf({ resolve }: Campaign, host: Host, intent: Intent<string>, atOnce: boolean) {
  const command = resolve(host, intent);
  return atOnce && command.kind === 'qingtian.define'
    ? ({ kind: 'qingtian.launch', request: command.request } as const)
    : command;
}

/** The commands up to the first breach of the fault's invariant; undefined = it is not met. */
function meets(
  fault: PlantedFault,
  list: readonly Intent<string>[],
  atOnce: boolean,
): Command[] | undefined {
  const campaign = campaignOf(fault);
  const host = plant(campaign.host(), fault);
  const trail: Command[] = [];
  for (const intent of list) {
    const command = commandOf(campaign, host, intent, atOnce);
    const before = noteBefore(host, command);
    trail.push(command);
    runInPlace(host, command);
    const bare = checkInvariants(host, before).filter(({ quirk }) => quirk === undefined);
    if (bare.some(({ invariant }) => invariant === fault.noticedBy)) return trail;
    // Broken otherwise: what follows says nothing about this invariant.
    if (bare.length > 0) return undefined;
  }
  return undefined;
}

/** The first counterexample, shrunk: no intent of it can be left out. */
function counterexample(fault: PlantedFault): Command[] | undefined {
  const ways = fault.platform === 'qingtian' ? [true, false] : [false];
  for (const atOnce of ways) {
    for (const list of fc.sample(campaignOf(fault).intents(LENGTH), SEQUENCES)) {
      const trail = meets(fault, list, atOnce);
      if (trail !== undefined) return shrunk(fault, list.slice(0, trail.length), atOnce);
    }
  }
  return undefined;
}

/** Leaves out halves, then quarters … then single intents, as long as the fault is still met. */
function shrunk(fault: PlantedFault, list: readonly Intent<string>[], atOnce: boolean): Command[] {
  let kept = list;
  for (let chunk = Math.ceil(kept.length / 2); chunk >= 1; ) {
    const before = kept.length;
    for (let at = kept.length - chunk; at >= 0; at -= chunk) {
      const without = kept.filter((_, i) => i < at || i >= at + chunk);
      const trail = meets(fault, without, atOnce);
      if (trail !== undefined) kept = without.slice(0, trail.length);
      at = Math.min(at, kept.length);
    }
    if (chunk > 1 || kept.length === before) chunk = chunk > 1 ? Math.ceil(chunk / 2) : 0;
  }
  return meets(fault, kept, atOnce) ?? [];
}

function campaignOf({ platform }: PlantedFault): Campaign {
  return platform === 'nitro' ? NITRO_CAMPAIGN : QINGTIAN_CAMPAIGN;
}

describe('planted faults: the property tests find each one', () => {
  it('there are two at least for every invariant', () => {
    const counts = INVARIANTS.map(({ id }) => [
      id,
      PLANTED_FAULTS.filter(({ noticedBy }) => noticedBy === id).length,
    ]);
    expect(counts.filter(([, count]) => Number(count) < 2)).toEqual([]);
  });

  it.each(PLANTED_FAULTS)('$noticedBy finds $id', (fault) => {
    const kinds = counterexample(fault)?.map(({ kind }) => kind) ?? [];
    expect(kinds).not.toEqual([]);
    expect(kinds.length, kinds.join(', ')).toBeLessThanOrEqual(LONGER[fault.id] ?? FEW);
  });

  it('a fault that needs more commands than six is still planted', () => {
    const ids = new Set(PLANTED_FAULTS.map(({ id }) => id));
    expect(Object.keys(LONGER).filter((id) => !ids.has(id))).toEqual([]);
  });
});
