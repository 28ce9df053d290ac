/**
 * The harness is tested first: a platform with a planted bug must be caught by the campaign, and the
 * counterexample must shrink to a few commands.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { enclaveOwner } from '../../core/host/owner.js';
import { auditedRun, newAudit } from '../kit/audited-run.js';
import { type Campaign, QINGTIAN_CAMPAIGN, VM_CAMPAIGN } from '../kit/campaigns.js';
import { scaledRuns } from '../seed.js';

/** Changes the effects of a decision: the bug. */
type Bug = (effects: readonly Effect[], host: Host) => readonly Effect[];

interface Canary {
  readonly name: string;
  readonly campaign: Campaign;
  readonly bug: Bug;
  /** Invariant that must notice. */
  readonly noticedBy: string;
  /** Most commands that the shrunk counterexample may take to the breach. */
  readonly commands: number;
}

const CANARIES: readonly Canary[] = [
  {
    name: 'pages are returned unscrubbed',
    campaign: VM_CAMPAIGN,
    bug: (effects) =>
      effects
        .filter(({ kind }) => kind !== 'scrub')
        .map((effect) =>
          effect.kind === 'release' ? { ...effect, from: enclaveOwner(effect.uid) } : effect,
        ),
    noticedBy: 'scrub-before-return',
    commands: 3,
  },
  {
    name: 'pages stay with an ended enclave',
    campaign: VM_CAMPAIGN,
    bug: (effects) => effects.filter(({ kind }) => kind !== 'scrub' && kind !== 'release'),
    noticedBy: 'no-leak',
    commands: 3,
  },
  {
    name: 'a core’s first thread comes online when an enclave takes it',
    campaign: QINGTIAN_CAMPAIGN,
    bug: (effects) =>
      effects.flatMap((effect): Effect[] =>
        effect.kind === 'take-core'
          ? [effect, { kind: 'set-online', cpu: effect.cpus[0], to: 1 }]
          : [effect],
      ),
    noticedBy: 'thread-one-owner',
    commands: 6,
  },
];

/** The campaign's host with the bug behind every step of its profile. */
function infected({ host: build }: Campaign, bug: Bug): Host {
  const host = build();
  const infect = (kind: Command['kind']) => {
    const step = host.profile.steps[kind] as ((at: Host, command: Command) => Decision) | undefined;
    if (step === undefined) return undefined;
    return (at: Host, command: Command): Decision => {
      const decision = step(at, command);
      return { ...decision, effects: bug(decision.effects, at) };
    };
  };
  const kinds = Object.keys(host.profile.steps) as Command['kind'][];
  const steps = Object.fromEntries(kinds.map((kind) => [kind, infect(kind)]));
  return { ...host, profile: { ...host.profile, steps } };
}

describe('canary: a campaign catches a planted bug', () => {
  it.each(CANARIES)('$name', ({ campaign, bug, noticedBy, commands }) => {
    const property = fc.property(campaign.intents(60), (list) => {
      auditedRun(infected(campaign, bug), list, campaign.resolve, newAudit());
    });
    const found = fc.check(property, { numRuns: scaledRuns(100) });
    expect(found.failed).toBe(true);
    expect(String(found.errorInstance)).toContain(noticedBy);
    // What a list has behind the breach never runs, and may stay: lists are shrunk from the front.
    const audit = newAudit();
    const list = found.counterexample?.[0] ?? [];
    expect(() => auditedRun(infected(campaign, bug), list, campaign.resolve, audit)).toThrow(
      noticedBy,
    );
    expect(audit.commands).toBeLessThanOrEqual(commands);
  });
});
