/**
 * From a policy's proposal to the platform's own command.
 *
 * Invariant: the result is a command like any other, judged by `decide` whoever proposed it; a node
 * that is not there is passed on as proposed, for the host to refuse.
 * Trade-off: only a launch that names its node can follow a proposal, which today is a plain VM's;
 * a platform that carves enclaves out of one pool has chosen its node with the reservation.
 */
import type { CommandOf } from '../host/command.js';
import type { Host } from '../host/host.js';
import { hostView, type PlacementAsk, type PlacementPolicy } from './policy.js';

/** The launch that the proposal means on a host of plain VMs; undefined = it proposed nowhere. */
export function placedLaunch(
  host: Host,
  policy: PlacementPolicy,
  ask: PlacementAsk,
): CommandOf<'vm.launch'> | undefined {
  const proposal = policy.propose(hostView(host), ask);
  if (proposal === undefined) return undefined;
  const { vcpus, memoryMib } = ask;
  return { kind: 'vm.launch', vcpus, memoryMib, nodes: 1, on: [proposal.node] };
}
