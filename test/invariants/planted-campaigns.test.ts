/**
 * The property tests can fail: random commands meet every fault that `verify --self-test` plants, by
 * the invariant meant for it, and the counterexample shrinks to a few commands.
 *
 * The campaign is that of test/kit, first with whole launches (`qingtian.launch`), so that a breach of
 * a running enclave is two commands away, and in single steps. Every command counts as one. Shrinking
 * only leaves commands out: fast-check's own also shrinks each number, which here takes minutes and
 * makes no sequence shorter. What cannot be left out of one counterexample may be missing in
 * another, so several are shrunk, until one is short enough.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLANTED_FAULTS, type PlantedFault, plant } from '../../core/explore/planted-faults.js';
import { FEW } from '../../core/explore/self-test.js';
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

/** The first counterexample that shrinks to few commands, or else the shortest; none can be left out. */
function counterexample(fault: PlantedFault): Command[] | undefined {
  const ways = fault.platform === 'qingtian' ? [true, false] : [false];
  let shortest: Command[] | undefined;
  for (const atOnce of ways) {
    for (const list of fc.sample(campaignOf(fault).intents(LENGTH), SEQUENCES)) {
      const trail = meets(fault, list, atOnce);
      if (trail === undefined) continue;
      const short = shrunk(fault, list.slice(0, trail.length), atOnce);
      if (shortest === undefined || short.length < shortest.length) shortest = short;
      if (shortest.length <= FEW) return shortest;
    }
  }
  return shortest;
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
    expect(kinds.length, kinds.join(', ')).toBeLessThanOrEqual(FEW);
  });
});
