/**
 * Why a policy proposed nowhere: the rule to name, or the parent whose own rule it is.
 *
 * In this order: a full parent that only its cap keeps out, a parent that only the ask's group forbids,
 * a policy that passes over who has room, and last the counts. Invariant: after each question the
 * counts heed caps, and nothing is asked of a parent here. Trade-off: a policy is asked up to three
 * times more for an ask that it refused already, since only it knows what it would take.
 */
import type { FleetCounts } from '../../core/placement/fleet-counts.js';
import { ANY_FIT } from '../../core/placement/fleet-policies.js';
import type { FleetAsk, FleetPolicy, FleetProposal } from '../../core/placement/fleet-view.js';
import type { GroupPlaces } from './group-places.js';
import { BY_GROUP, NOT_PROPOSED, whyNoPlace } from './no-place.js';
import type { FleetRequest } from './request.js';

/** A parent to be asked, so that the reason is its own rule's, or the rule itself. */
export type Nowhere = { readonly asked: FleetProposal } | { readonly rule: string };

export interface Given {
  readonly counts: FleetCounts;
  readonly groups: GroupPlaces;
  /** Proposes wherever the run's policy proposes anything, maybe another parent. */
  readonly anywhere: FleetPolicy;
}

export class WhyNowhere {
  private readonly given: Given;

  constructor(given: Given) {
    this.given = given;
  }

  /** Of an ask for which the policy has just proposed nothing, with what its group forbids shut. */
  why(request: FleetRequest, ask: FleetAsk): Nowhere {
    const { counts } = this.given;
    const passedOver = this.passesOver(ask);
    const full = this.proposeFull(ask) ?? this.proposeShut(request, ask);
    if (full === BY_GROUP) return { rule: BY_GROUP };
    if (full !== undefined) return { asked: full };
    counts.disregardCaps();
    const rule = passedOver ? NOT_PROPOSED : whyNoPlace(counts, ask);
    counts.heedCaps();
    return { rule };
  }

  /** A policy of one's own that proposes nowhere, although an open parent has room. */
  private passesOver(ask: FleetAsk): boolean {
    const { anywhere, counts } = this.given;
    return anywhere !== ANY_FIT && ANY_FIT.propose(counts, ask) !== undefined;
  }

  /** An open parent that would be proposed but for its cap. */
  private proposeFull(ask: FleetAsk): FleetProposal | undefined {
    const { counts, anywhere } = this.given;
    if (counts.atCaps === 0) return undefined;
    // Whoever passes full parents over of its own accord is not asked where no parent has room.
    const hasRoom = this.passesOver(ask);
    counts.disregardCaps();
    const proposal =
      anywhere.propose(counts, ask) ?? (hasRoom ? undefined : ANY_FIT.propose(counts, ask));
    counts.heedCaps();
    if (proposal === undefined || counts.isShut(proposal.host)) return undefined;
    return counts.keepsOut(proposal.host, ask.vcpus) ? proposal : undefined;
  }

  /** With what the group forbids open: its rule where that alone kept the ask out, or a full parent. */
  private proposeShut(
    { group }: FleetRequest,
    ask: FleetAsk,
  ): FleetProposal | typeof BY_GROUP | undefined {
    if (group === undefined) return undefined;
    const { counts, groups, anywhere } = this.given;
    groups.reopen(counts);
    const open = anywhere.propose(counts, ask);
    if (open !== undefined) return groups.hasShut(open.host, counts) ? BY_GROUP : undefined;
    const full = this.proposeFull(ask);
    return full !== undefined && groups.hasShut(full.host, counts) ? full : undefined;
  }
}
