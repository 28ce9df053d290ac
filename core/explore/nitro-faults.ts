/**
 * Planted faults of Nitro's driver: what is given, taken back and started wrongly.
 *
 * A start takes nine commands there, so what an enclave does wrong while it runs is planted into one
 * that runs with its first vCPU (an edge that a start has), and what goes back unscrubbed into a region
 * that the hypervisor refuses. Invariant: as in planted-faults, only the effects of decisions are
 * changed. Trade-off: one that runs so early breaks the platform's caps besides.
 */
import type { Effect } from '../host/effect.js';
import { enclaveOwner } from '../host/owner.js';
import { BASE } from '../host/stores.js';
import { givenAll } from './given-pages.js';
import { lastPageLost } from './lost-pages.js';
import type { PlantedFault } from './planted-faults.js';

const PARENT_CID = 3;

export const NITRO_FAULTS: readonly PlantedFault[] = [
  {
    id: 'hugepage-lost-on-the-way',
    sentence: 'A hugepage leaves the parent and never arrives in its pool.',
    platform: 'nitro',
    noticedBy: 'frame-conservation',
    effects: (effects, host, command) =>
      command.kind === 'nitro.write-hugepages' ? lastPageLost(effects, host) : effects,
  },
  {
    id: 'region-taken-back-unscrubbed',
    sentence: 'A region that the hypervisor refuses is given first, and taken back as it is.',
    platform: 'nitro',
    noticedBy: 'scrub-before-return',
    effects: (effects, host) =>
      effects.some(({ kind }) => kind === 'donate')
        ? effects
        : effects.flatMap((one): Effect[] => {
            if (one.kind !== 'add-region') return [one];
            const given = givenAll(host, one.uid, one.region.pages);
            return [
              one,
              ...given,
              ...given.map((give) => ({ ...give, from: give.to, to: give.from })),
            ];
          }),
  },
  {
    id: 'runs-with-page-elsewhere',
    sentence: 'An enclave runs with its first vCPU, on a page of the other node.',
    platform: 'nitro',
    noticedBy: 'numa-local',
    effects: (effects, host) => {
      const vcpu = vcpuOf(effects);
      if (vcpu === undefined) return effects;
      const { uid, cpu } = vcpu;
      const { topology, memory } = host;
      const node = topology.nodes.findIndex(({ id }) => id !== topology.nodeOf[cpu]);
      const free = node < 0 ? -1 : memory[node].base.findLowest(1, 1);
      if (free < 0) return effects;
      const owner = enclaveOwner(uid);
      const page: Effect = { kind: 'claim', node, size: BASE, runs: [free, 1], owner, uid };
      return [...effects, page, runs(uid)];
    },
  },
  {
    id: 'runs-as-its-parent',
    sentence: 'An enclave runs with its first vCPU, and with the CID of its parent.',
    platform: 'nitro',
    noticedBy: 'cid-unique',
    effects: (effects) => {
      const vcpu = vcpuOf(effects);
      if (vcpu === undefined) return effects;
      const { uid } = vcpu;
      return [
        ...effects,
        { kind: 'set-enclave', uid, field: 'cid', from: 0, to: PARENT_CID },
        runs(uid),
      ];
    },
  },
];

/** The vCPU that a command adds; the enclave is INIT, since no other may get one. */
function vcpuOf(effects: readonly Effect[]) {
  return effects.find((one) => one.kind === 'add-vcpu');
}

function runs(uid: number): Effect {
  return { kind: 'set-enclave', uid, field: 'state', from: 'INIT', to: 'RUNNING' };
}
