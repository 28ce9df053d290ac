/**
 * From a policy's proposal to the platform's own command.
 *
 * Invariant: the result is a command like any other, judged by `decide` whoever proposed it; a node
 * that is not there is passed on as proposed, for the host to refuse. What is no proposal at all is a
 * `PolicyFault` that names the ask, in the words in which a fleet tells it.
 * Trade-off: only a launch that names its node can follow a proposal, which today is a plain VM's;
 * a platform that carves enclaves out of one pool has chosen its node with the reservation.
 */
import type { CommandOf } from '../host/command.js';
import type { Host } from '../host/host.js';
import { counted } from '../units/counted.js';
import { noObject, PolicyFault, returnedText, threwText } from './guarded-policy.js';
import { hostView, type PlacementAsk, type PlacementPolicy, type Proposal } from './policy.js';

/** The launch that the proposal means on a host of plain VMs; undefined = it proposed nowhere. */
export function placedLaunch(
  host: Host,
  policy: PlacementPolicy,
  ask: PlacementAsk,
): CommandOf<'vm.launch'> | undefined {
  const node = proposedNode(host, policy, ask);
  if (node === undefined) return undefined;
  const { vcpus, memoryMib } = ask;
  return { kind: 'vm.launch', vcpus, memoryMib, nodes: 1, on: [node] };
}

/** The node's id; undefined = nowhere. */
function proposedNode(host: Host, policy: PlacementPolicy, ask: PlacementAsk): number | undefined {
  const { name } = policy;
  const asked = `an ask of ${counted(ask.vcpus, 'vCPU')}, ${ask.memoryMib} MiB`;
  const view = hostView(host);
  let node: number | string | undefined;
  try {
    node = readAnswer(policy.propose(view, ask), host);
  } catch (cause) {
    // The cause has the line of the policy where it threw.
    throw new PolicyFault(threwText(name, cause, asked), { cause });
  }
  if (typeof node !== 'string') return node;
  throw new PolicyFault(returnedText(name, node, asked));
}

/** The node's id, undefined for nowhere, or in words what came instead. */
function readAnswer(answer: unknown, { topology }: Host): number | string | undefined {
  if (answer === undefined) return undefined;
  const none = noObject(answer);
  if (none !== undefined) return none;
  const { node } = answer as Partial<Proposal>;
  if (typeof node !== 'number') return 'an object without a number as its `node`';
  if (Number.isInteger(node)) return node;
  return `\`node: ${node}\` (the host has nodes ${topology.nodes.map(({ id }) => id).join(', ')})`;
}
