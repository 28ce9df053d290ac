/**
 * The random campaigns: every command on every platform keeps every invariant.
 *
 * QingTian and Nitro together run at least 100,000 commands a push; HYPERCARVE_RUNS multiplies that.
 * A failure prints fast-check's seed and path; the same seed in HYPERCARVE_SEED replays it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Violation } from '../../core/invariants/invariant.js';
import { REACHED } from '../../core/invariants/reached.js';
import { QUIRKS } from '../../core/platform/nitro/quirks.js';
import { type Audit, auditedRun, newAudit } from '../kit/audited-run.js';
import {
  type Campaign,
  NITRO_CAMPAIGN,
  QINGTIAN_CAMPAIGN,
  VM_CAMPAIGN,
  WILD_CAMPAIGN,
} from '../kit/campaigns.js';
import { runsFactorFrom, scaledRuns } from '../seed.js';

/** Longest sequence; fast-check draws lengths from 1 to this, so half of it on average. */
const LENGTH = 400;
const FACTOR = runsFactorFrom(process.env);

function run(
  campaign: Campaign,
  sequences: number,
  explain?: (violation: Violation) => string | undefined,
): Audit {
  const audit = newAudit();
  fc.assert(
    fc.property(campaign.intents(LENGTH), (list) => {
      auditedRun(campaign.host(), list, campaign.resolve, audit, explain);
    }),
    { numRuns: scaledRuns(sequences) },
  );
  return audit;
}

const ALL = REACHED.map(({ id }) => id).sort();

describe('campaign: commands on an isolating hypervisor keep every invariant', () => {
  it('Q01 Q07 Q26 Q27 Q28 holds: on QingTian, over 55,000 random commands', () => {
    const audit = run(QINGTIAN_CAMPAIGN, 340);
    expect(audit.commands).toBeGreaterThanOrEqual(55_000 * Math.min(1, FACTOR));
    expect([...audit.reached].sort()).toEqual(ALL);
    expect(audit.quirks.size).toBe(0);
  }, 60_000);

  it('N12 E14 holds: on Nitro, over 55,000 random commands, but for what is kept for good', () => {
    const audit = run(NITRO_CAMPAIGN, 340);
    expect(audit.commands).toBeGreaterThanOrEqual(55_000 * Math.min(1, FACTOR));
    expect([...audit.reached].sort()).toEqual(ALL);
    expect([...audit.quirks.keys()].sort()).toEqual(['pin-leak', 'pool-cpu-stays-offline']);
  }, 60_000);

  it('plain VMs share no thread and no frame, over 15,000 random commands', () => {
    const audit = run(VM_CAMPAIGN, 100);
    expect(audit.commands).toBeGreaterThanOrEqual(15_000 * Math.min(1, FACTOR));
    expect([...audit.reached].sort()).toEqual(ALL);
    expect(audit.quirks.size).toBe(0);
  }, 60_000);
});

/**
 * The quirk of the driver behind a breach that carries none itself. Only lists that disagree can be
 * explained, never a thread, a frame or a node that an enclave runs on or with and is not its alone.
 */
function explained({ invariant, onPaper, numbers }: Violation): string | undefined {
  if (onPaper === undefined) return undefined;
  if (invariant === 'whole-cores') return 'pool-cpu-online';
  return numbers.first === 'the parent' ? 'pool-cpu-online' : 'unbind-unlists';
}

describe('campaign: what Nitro itself lets happen is a named quirk and nothing else', () => {
  it('hotplug, unbinding and failing closes breach only by quirks', () => {
    const audit = run(WILD_CAMPAIGN, 150, explained);
    const known = new Set(QUIRKS.map(({ id }) => id));
    expect([...audit.quirks.keys()].filter((id) => !known.has(id))).toEqual([]);
    expect(audit.quirks.get('zombie-slot')).toBeGreaterThan(0);
  }, 60_000);
});
