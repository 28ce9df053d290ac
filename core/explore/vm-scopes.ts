/**
 * The scope of plain VMs: launches of each shape, both ends, and the host's own life under them.
 *
 * A VM takes threads, not cores, and may lie on both nodes, so here VMs share a core, as no enclave
 * may. Invariant: every launch and end is offered in every state, refused below no rule, since there is
 * no hypervisor call that could be; each row of the profile refuses one of them in some state, and so do
 * those about a CPU that an administrator switches. Trade-off: a launch is one command, as the platform
 * has it; sizes are the few that differ for the rows.
 */
import type { Command, CommandOf } from '../host/command.js';
import { vmProfile } from '../platform/vm/profile.js';
import { always, meeting, ofEnclave } from './moves.js';
import { buildSmallHost, type Move, type Scope, type SmallShape, upTo } from './scope.js';

const GIB = 1024;
const PLACES = 3;

/** CPUs 0 to 7, cores n and n + 4, those of node 0 are 0, 1, 4 and 5. */
const SHAPE: SmallShape = {
  profile: vmProfile(),
  nodes: 2,
  coresPerNode: 2,
  threadsPerCore: 2,
  frames: 3,
  frameMib: GIB,
};

type Asked = Omit<CommandOf<'vm.launch'>, 'kind' | 'memoryMib'> & { readonly gib: number };

/** On node 0, both or as it comes: less than a core, a core, all threads of a node. */
const ASKED: readonly (Asked & { readonly label: string })[] = [
  { label: 'one thread', vcpus: 1, gib: 1, nodes: 1 },
  { label: 'a core on node 1', vcpus: 2, gib: 2, nodes: 1, on: [1] },
  { label: 'over both nodes', vcpus: 2, gib: 2, nodes: 2 },
  { label: 'all threads of a node', vcpus: 4, gib: 2, nodes: 1 },
  { label: 'blind', vcpus: 5, gib: 4, nodes: 1, blind: true },
];

/** Launches that a row refuses whenever no row before it does. */
const REFUSED: Readonly<Record<string, Asked>> = {
  'vm-shape': { vcpus: 0, gib: 1, nodes: 1 },
  'vm-even-split': { vcpus: 3, gib: 2, nodes: 2 },
  'vm-nodes': { vcpus: 1, gib: 1, nodes: 1, on: [2] },
  'vm-vcpus': { vcpus: 9, gib: 1, nodes: 1 },
  'vm-memory': { vcpus: 1, gib: 7, nodes: 1 },
  'vm-node-fit': { vcpus: 1, gib: 4, nodes: 1 },
};

/** CPUs that nobody may switch, and why. */
const SWITCHED: Readonly<Record<string, number>> = {
  'cpu-of-parent': 1,
  'cpu-0-stays': 0,
  'cpu-present': 8,
};

export const VM_SCOPE: Scope = {
  name: 'vm-2x3x2x3',
  platform: 'vm',
  sentence: '2 nodes, 3 pages and 2 cores each, 3 plain VMs: every launch and end, CPUs switched',
  size: 'small',
  places: PLACES,
  build: () => buildSmallHost(SHAPE),
  moves: [
    ...upTo(PLACES).flatMap(ofPlace),
    ...Object.entries(SWITCHED).map(([rule, cpu]) =>
      meeting(rule, { kind: 'parent.set-online', cpu, online: false }),
    ),
    meeting('vm-unknown', { kind: 'vm.terminate', uid: 99 }),
    always({ kind: 'parent.stop' }),
    always({ kind: 'parent.boot' }),
    always({ kind: 'parent.crash' }),
    always({ kind: 'parent.terminate' }),
  ],
  symmetry: { places: true, cids: [] },
};

/** What the operator of a place asks: each launch where there is no VM, both ends where there is one. */
function ofPlace(place: number): Move[] {
  return [
    ...ASKED.map(({ label, ...asked }) => ({ ...always(launch(asked), label), fills: place })),
    ...Object.entries(REFUSED).map(([rule, asked]) => ({
      ...meeting(rule, launch(asked)),
      fills: place,
    })),
    ...(['vm.terminate', 'vm.crash'] as const).map((kind) => ({
      label: `${kind} of VM ${place}`,
      command: ofEnclave(place, (uid) => ({ kind, uid })),
    })),
  ];
}

function launch({ gib, ...asked }: Asked): Command {
  return { kind: 'vm.launch', memoryMib: gib * GIB, ...asked };
}
