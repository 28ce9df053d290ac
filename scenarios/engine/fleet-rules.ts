/**
 * What the fleet engine itself refuses an ask for, before any parent was asked: a sentence each.
 *
 * Invariant: every rule that a result names and no platform has is a row here. Trade-off: the engine
 * keeps the ids where it decides, since it counts them a million times; a test holds them to these rows.
 */

export interface FleetRule {
  readonly id: string;
  /** What must hold. */
  readonly sentence: string;
  /** When the engine looks at it. */
  readonly checked: string;
  readonly remedy: string;
}

const NOWHERE =
  'when the policy proposes no parent, and none could have been asked: the first of these that does not hold is named';
const PROPOSED = 'when a policy has proposed a parent';
/** Both ways to let an ask wait, as a fleet file says them. */
const WAITING =
  '`onRefusal: { kind: queue, most: 100, patience: 1h }` or `{ kind: retry, every: 10m, times: 3 }`.';
const POLICY = 'Correct the policy: the shipped ones never propose such a parent.';

export const FLEET_RULES: readonly FleetRule[] = [
  {
    id: 'fleet-not-proposed',
    sentence: 'The policy proposes a parent where one has nodes that can serve the ask.',
    checked: 'when the policy proposes no parent, first of all',
    remedy:
      'Look at the policy: it passed over a parent that could have been asked. The shipped ones never do.',
  },
  {
    id: 'fleet-closed',
    sentence: 'Some parent is up and has not refused this very ask; a proposed one is up.',
    checked: `${NOWHERE}; and ${PROPOSED}`,
    remedy: `Look at the proposals that were refused: their rules say why. Or boot parents earlier, or let the ask wait: ${WAITING}`,
  },
  {
    id: 'fleet-vcpus',
    sentence: 'Some open parent has as many free vCPUs as are asked for, over all its nodes.',
    checked: NOWHERE,
    remedy: `Add parents, reserve more vCPUs on each, ask for fewer, or let the ask wait: ${WAITING}`,
  },
  {
    id: 'fleet-memory',
    sentence: 'Some open parent has as much free memory as is asked for, over all its nodes.',
    checked: NOWHERE,
    remedy: `Add parents, reserve more memory on each, ask for less, or let the ask wait: ${WAITING}`,
  },
  {
    id: 'fleet-apart',
    sentence: 'The free vCPUs and the free memory that are asked for are on one parent.',
    checked: NOWHERE,
    remedy:
      'Reserve vCPUs and memory in the proportion in which they are asked for, or try another policy.',
  },
  {
    id: 'fleet-stranded',
    sentence: 'A parent that has enough in all has it on nodes that can serve the ask together.',
    checked: NOWHERE,
    remedy:
      'Ask for less at once or for more nodes, or try a policy that keeps nodes whole (node-local-pack, best-fit).',
  },
  {
    id: 'fleet-group',
    sentence:
      'The group of the ask allows the parent: none of its members lives there (anti-affinity), or all of them do (affinity).',
    checked: `when nothing else keeps the ask out, and ${PROPOSED}`,
    remedy: 'Add parents, make the group smaller, or ignore groups (groups: ignore).',
  },
  {
    id: 'fleet-queue',
    sentence: 'Nobody waits in the queue when an ask comes; it is first in, first out.',
    checked: 'when an ask comes',
    remedy:
      'Look at what keeps the first waiting. Let more wait, or longer (`most` and `patience` of onRefusal).',
  },
  {
    id: 'fleet-asked-twice',
    sentence: 'A policy does not propose a parent again that has refused this very ask.',
    checked: PROPOSED,
    remedy: POLICY,
  },
];
