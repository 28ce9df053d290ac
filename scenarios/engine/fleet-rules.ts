/**
 * What the fleet engine itself refuses an ask for, before any parent was asked: a sentence each.
 *
 * Invariant: every rule that a result names and no platform has is a row here. Trade-off: the engine
 * keeps the ids where it decides, since it counts them a million times; a test holds them to these rows.
 */

export interface FleetRule {
  readonly id: string;
  /** What was so when it refused. */
  readonly refused: string;
  /** When the engine looks at it. */
  readonly checked: string;
  readonly remedy: string;
}

const NOWHERE =
  'when the policy proposes no parent, and none could have been asked: the first of these that is so is named';
const PROPOSED = 'when a policy has proposed a parent';
/** Both ways to let an ask wait, as a fleet file says them. */
const WAITING =
  '`onRefusal: { kind: queue, most: 100, patience: 1h }` or `{ kind: retry, every: 10m, times: 3 }`.';
const POLICY = 'Correct the policy: the shipped ones never propose such a parent.';

export const FLEET_RULES: readonly FleetRule[] = [
  {
    id: 'fleet-not-proposed',
    refused: 'The policy proposed no parent, though one had nodes that could serve the ask.',
    checked: 'when the policy proposes no parent, first of all',
    remedy:
      'Look at the policy: it passed over a parent that could have been asked. The shipped ones never do.',
  },
  {
    id: 'fleet-closed',
    refused: 'Every parent was down or had refused this very ask; or the one proposed was down.',
    checked: `${NOWHERE}; and ${PROPOSED}`,
    remedy: `Look at the proposals that were refused: their rules say why. Or boot parents earlier, or let the ask wait: ${WAITING}`,
  },
  {
    id: 'fleet-vcpus',
    refused: 'No open parent had as many free vCPUs as were asked for, over all its nodes.',
    checked: NOWHERE,
    remedy: `Add parents, reserve more vCPUs on each, ask for fewer, or let the ask wait: ${WAITING}`,
  },
  {
    id: 'fleet-memory',
    refused: 'No open parent had as much free memory as was asked for, over all its nodes.',
    checked: NOWHERE,
    remedy: `Add parents, reserve more memory on each, ask for less, or let the ask wait: ${WAITING}`,
  },
  {
    id: 'fleet-apart',
    refused:
      'The free vCPUs and the free memory asked for were there, but never on one open parent.',
    checked: NOWHERE,
    remedy:
      'Reserve vCPUs and memory in the proportion in which they are asked for, or try another policy.',
  },
  {
    id: 'fleet-stranded',
    refused: 'A parent had enough in all, but not on nodes that could serve the ask together.',
    checked: NOWHERE,
    remedy:
      'Ask for less at once or for more nodes, or try a policy that keeps nodes whole (node-local-pack, best-fit).',
  },
  {
    id: 'fleet-group',
    refused:
      'The group of the ask forbade the parent: a member lives there (anti-affinity), or lives elsewhere (affinity).',
    checked: `when nothing else keeps the ask out, and ${PROPOSED}`,
    remedy: 'Add parents, make the group smaller, or ignore groups (groups: ignore).',
  },
  {
    id: 'fleet-queue',
    refused:
      'Others waited before it in the queue (first in, first out), and no place was looked for.',
    checked: 'when an ask comes',
    remedy:
      'Look at what keeps the first waiting. Let more wait, or longer (`most` and `patience` of onRefusal).',
  },
  {
    id: 'fleet-asked-twice',
    refused: 'The policy proposed a parent again that had refused this very ask.',
    checked: PROPOSED,
    remedy: POLICY,
  },
];
