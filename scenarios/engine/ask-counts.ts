/**
 * What became of some asks of a run, counted: of all of them, or of those on one side of a warm-up.
 *
 * Invariant: once every ask has had its end, asked = accepted + refused + expired; and the counts of two
 * sets of asks that share none add up to those of both. Trade-off: by rule only what was refused.
 */
import type { RequestGroup } from './request.js';
import type { AsksResult } from './result.js';

export class AskCounts {
  asked = 0;
  accepted = 0;
  acceptedLate = 0;
  refused = 0;
  expired = 0;
  lost = 0;
  tooLarge = 0;
  private groupsKept = 0;
  private groupsNotKept = 0;
  private readonly refusedBy = new Map<string, number>();
  private readonly refusedProposals = new Map<string, number>();

  inGroup({ rule }: RequestGroup): void {
    if (rule === 'fault_domain') this.groupsNotKept++;
    else this.groupsKept++;
  }

  /** The rule of the last no of one that got nowhere. */
  gotNowhere(rule: string): void {
    count(this.refusedBy, rule, 1);
  }

  refuseProposal(rule: string): void {
    count(this.refusedProposals, rule, 1);
  }

  /** Of both; neither changes. */
  and(others: AskCounts): AskCounts {
    const both = new AskCounts();
    for (const one of [this, others]) {
      both.asked += one.asked;
      both.accepted += one.accepted;
      both.acceptedLate += one.acceptedLate;
      both.refused += one.refused;
      both.expired += one.expired;
      both.lost += one.lost;
      both.tooLarge += one.tooLarge;
      both.groupsKept += one.groupsKept;
      both.groupsNotKept += one.groupsNotKept;
      for (const [rule, n] of one.refusedBy) count(both.refusedBy, rule, n);
      for (const [rule, n] of one.refusedProposals) count(both.refusedProposals, rule, n);
    }
    return both;
  }

  told(): AsksResult {
    const { asked, accepted, acceptedLate, refused, expired, lost, tooLarge } = this;
    const groups = { kept: this.groupsKept, notKept: this.groupsNotKept };
    return {
      asked,
      accepted,
      refused,
      expired,
      lost,
      acceptedLate,
      ...(tooLarge === 0 ? {} : { tooLarge }),
      refusedBy: sorted(this.refusedBy),
      refusedProposals: sorted(this.refusedProposals),
      ...(groups.kept + groups.notKept === 0 ? {} : { groups }),
    };
  }
}

export function count(map: Map<string, number>, rule: string, n: number): void {
  map.set(rule, (map.get(rule) ?? 0) + n);
}

/** By number, most first; equal ones by name. */
export function sorted(map: ReadonlyMap<string, number>): Record<string, number> {
  const byName = (a: string, b: string) => (a < b ? -1 : 1);
  return Object.fromEntries([...map].sort(([a, m], [b, n]) => n - m || byName(a, b)));
}
