/**
 * The property tests can fail: random commands meet every fault that `verify --self-test` plants, by
 * the invariant meant for it, and the counterexample shrinks to a few commands.
 *
 * The commands are those of test/kit. Each sequence runs first with whole launches
 * (`qingtian.launch`), so that a breach of a running enclave is two commands away, then in single
 * steps. Every second sequence is drawn with even weights: a stop of the parent, or a failed stop of
 * what runs, is then as likely as a step of a launch. Every command counts as one. Shrinking only
 * leaves out, first intents, then commands: fast-check's own also shrinks each number, which here
 * takes minutes and makes no sequence shorter. What cannot be left out of one counterexample may be
 * missing in another, so several are shrunk, until one is short enough.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLANTED_FAULTS, type PlantedFault, plant } from '../../core/explore/planted-faults.js';
import { findScope } from '../../core/explore/scopes.js';
import { FEW } from '../../core/explore/self-test.js';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { noteBefore } from '../../core/invariants/before.js';
import { checkInvariants, INVARIANTS } from '../../core/invariants/check.js';
import type { Violation } from '../../core/invariants/invariant.js';
import {
  type Campaign,
  NITRO_CAMPAIGN,
  QINGTIAN_CAMPAIGN,
  VM_CAMPAIGN,
  WILD_CAMPAIGN,
} from '../kit/campaigns.js';
import { qingtianHost } from '../kit/hosts.js';
import { type Intent, intents, type Weights } from '../kit/intents.js';
import { NITRO_WEIGHTS, WILD_WEIGHTS } from '../kit/nitro-commands.js';
import { QINGTIAN_WEIGHTS } from '../kit/qingtian-commands.js';
import { VM_WEIGHTS } from '../kit/vm-commands.js';

/** Intents a sequence has at most before it is shrunk, and most sequences tried for a fault. */
const LENGTH = 60;
const SEQUENCES = 400;

type Sequence = readonly Intent<string>[];
/** What to do next; it may name what is there. */
type Turn = (host: Host) => Command;

/** A host on which a pool can leave the parent too little; other hosts have too much for that. */
const NARROW_CAMPAIGN: Campaign = {
  ...QINGTIAN_CAMPAIGN,
  host: () => qingtianHost({ nodes: 1, coresPerNode: 4, threadsPerCore: 1 }),
};

/** Where others than the platform's campaign are needed, by the id of the fault. */
const ELSEWHERE: Readonly<Record<string, Campaign>> = {
  'no-parent-floor-vcpus': NARROW_CAMPAIGN,
  'no-parent-floor-memory': NARROW_CAMPAIGN,
  'cpu-lost-over-boot': WILD_CAMPAIGN,
  'no-hypervisor-cpu-donated': WILD_CAMPAIGN,
  'no-hypervisor-core-free': WILD_CAMPAIGN,
  'no-hypervisor-vcpu-offline': WILD_CAMPAIGN,
};

const OF_PLATFORM = { qingtian: QINGTIAN_CAMPAIGN, nitro: NITRO_CAMPAIGN, vm: VM_CAMPAIGN };

/** Drawn once: all faults of a campaign are looked for in the same sequences. */
const SEQUENCES_OF: ReadonlyMap<Campaign['intents'], readonly Sequence[]> = new Map([
  [QINGTIAN_CAMPAIGN.intents, sequences(QINGTIAN_CAMPAIGN, QINGTIAN_WEIGHTS)],
  [NITRO_CAMPAIGN.intents, sequences(NITRO_CAMPAIGN, NITRO_WEIGHTS)],
  [WILD_CAMPAIGN.intents, sequences(WILD_CAMPAIGN, WILD_WEIGHTS)],
  [VM_CAMPAIGN.intents, sequences(VM_CAMPAIGN, VM_WEIGHTS)],
]);

/** With the weights of the campaign and with even ones, in turn. */
function sequences(campaign: Campaign, weights: Weights<string>): readonly Sequence[] {
  const even = Object.entries(weights).map(([choice, weight]) => [choice, Math.min(weight, 1)]);
  const [usual, level] = [
    campaign.intents(LENGTH),
    intents<string>(Object.fromEntries(even), LENGTH),
  ].map((one) => fc.sample(one, SEQUENCES / 2));
  return usual.flatMap((list, i) => [list, level[i]]);
}

/** With `atOnce` every definition becomes a whole launch. */
function turnOf({ resolve }: Campaign, intent: Intent<string>, atOnce: boolean): Turn {
  return (host) => {
    const command = resolve(host, intent);
    return atOnce && command.kind === 'qingtian.define'
      ? { kind: 'qingtian.launch', request: command.request }
      : command;
  };
}

/** The commands up to the first breach of the fault's invariant; undefined = it is not met. */
function meets(fault: PlantedFault, turns: readonly Turn[]): Command[] | undefined {
  const host = plant(campaignOf(fault).host(), fault);
  const trail: Command[] = [];
  for (const turn of turns) {
    const command = turn(host);
    const before = noteBefore(host, command);
    trail.push(command);
    if (!carriedOut(host, command, fault, trail)) return undefined;
    const bare = checkInvariants(host, before).filter((one) => isBare(one, fault));
    if (bare.some(({ invariant }) => invariant === fault.noticedBy)) return trail;
    // Broken otherwise: what follows says nothing about this invariant.
    if (bare.length > 0) return undefined;
  }
  return undefined;
}

/** Of what no named quirk explains; where lists may disagree, not on paper alone. */
function isBare({ quirk, onPaper }: Violation, { scope }: PlantedFault): boolean {
  const listsAgree = scope === undefined || findScope(scope)?.onPaper === undefined;
  return quirk === undefined && (listsAgree || onPaper === undefined);
}

/**
 * False where a store throws: the fault asks for a page that is not there to be had (the other node's
 * is in use), or a step goes on from one that it took away. No invariant was asked, so the sequence
 * says nothing. A sound host that throws over the same commands is no fault of ours: that is thrown.
 */
function carriedOut(
  host: Host,
  command: Command,
  fault: PlantedFault,
  trail: readonly Command[],
): boolean {
  try {
    runInPlace(host, command);
    return true;
  } catch {
    const sound = campaignOf(fault).host();
    for (const one of trail) runInPlace(sound, one);
    return false;
  }
}

/** The first counterexample that shrinks to few commands, or else the shortest; none can be left out. */
function counterexample(fault: PlantedFault): Command[] | undefined {
  const ways = fault.platform === 'qingtian' ? [true, false] : [false];
  let shortest: Command[] | undefined;
  for (const list of SEQUENCES_OF.get(campaignOf(fault).intents) ?? []) {
    for (const atOnce of ways) {
      const turns = list.map((intent) => turnOf(campaignOf(fault), intent, atOnce));
      const trail = meets(fault, turns);
      if (trail === undefined) continue;
      const short = shrunk(fault, turns.slice(0, trail.length));
      if (shortest === undefined || short.length < shortest.length) shortest = short;
      if (shortest.length <= FEW) return shortest;
    }
  }
  return shortest;
}

/** Leaves out intents, then commands: an intent that stays may mean another command without those. */
function shrunk(fault: PlantedFault, turns: readonly Turn[]): Command[] {
  const commands = meets(fault, leftOut(fault, turns)) ?? [];
  const asTurns = commands.map((command) => () => command);
  return meets(fault, leftOut(fault, asTurns)) ?? [];
}

/** Leaves out halves, then quarters … then single turns, as long as the fault is still met. */
function leftOut(fault: PlantedFault, turns: readonly Turn[]): readonly Turn[] {
  let kept = turns;
  for (let chunk = Math.ceil(kept.length / 2); chunk >= 1; ) {
    const before = kept.length;
    for (let at = kept.length - chunk; at >= 0; at -= chunk) {
      const without = kept.filter((_, i) => i < at || i >= at + chunk);
      const trail = meets(fault, without);
      if (trail !== undefined) kept = without.slice(0, trail.length);
      at = Math.min(at, kept.length);
    }
    if (chunk > 1 || kept.length === before) chunk = chunk > 1 ? Math.ceil(chunk / 2) : 0;
  }
  return kept;
}

function campaignOf({ id, platform }: PlantedFault): Campaign {
  if (Object.hasOwn(ELSEWHERE, id)) return ELSEWHERE[id];
  return OF_PLATFORM[platform];
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
