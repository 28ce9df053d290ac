/**
 * Planted faults that show within a few commands: the second (or first) of each invariant's.
 *
 * A breach of a running enclave takes a whole launch to meet; most of these break a book earlier, so
 * that the shortest path is short. Invariant: as in planted-faults, only the effects of decisions are
 * changed. Trade-off: frames are lost between base store and pool by an effect that no rule would
 * emit, since a store itself keeps its sums.
 */

import type { Effect } from '../host/effect.js';
import { enclaveOwner, HELD, isEnclaveOwner } from '../host/owner.js';
import { theRecord } from '../host/records.js';
import { BASE } from '../host/stores.js';
import { OUTSIDE } from '../memory/node-memory.js';
import { lastPageLost } from './lost-pages.js';
import type { PlantedFault } from './planted-faults.js';

const HALF_GRANULE_BYTES = 1024 * 1024;
const PARENT_CID = 3;

export const EARLY_FAULTS: readonly PlantedFault[] = [
  {
    id: 'page-lost-on-the-way',
    sentence: 'A page of a reservation leaves the parent and never arrives in the pool.',
    platform: 'qingtian',
    noticedBy: 'frame-conservation',
    effects: lastPageLost,
  },
  {
    id: 'page-out-of-the-pool',
    sentence: 'A page that an enclave returns is no longer in the pool, nor the parent’s.',
    platform: 'qingtian',
    noticedBy: 'frame-conservation',
    effects: (effects) =>
      effects.flatMap((effect): Effect[] => {
        if (effect.kind === 'release') return [];
        return effect.kind === 'scrub' ? [{ ...effect, to: OUTSIDE }] : [effect];
      }),
  },
  {
    id: 'claimed-for-nobody',
    sentence: 'Pages of a launch are booked on nobody.',
    platform: 'qingtian',
    noticedBy: 'frame-one-owner',
    effects: (effects) =>
      effects.map((effect) => (effect.kind === 'claim' ? { ...effect, owner: HELD } : effect)),
  },
  {
    id: 'region-without-last-page',
    sentence: 'The last page of a region stays its task’s, which can go on writing to it.',
    platform: 'nitro',
    noticedBy: 'frame-one-owner',
    effects: (effects, _host, command) => {
      if (command.kind !== 'nitro.set-memory') return effects;
      const last = effects.findLast((one) => one.kind === 'give' && isEnclaveOwner(one.to));
      return effects.filter((effect) => effect !== last);
    },
  },
  {
    id: 'range-too-long',
    sentence: 'A donated range is twice as long as the pages that were claimed for it.',
    platform: 'qingtian',
    noticedBy: 'frame-one-owner',
    effects: (effects) =>
      effects.map((effect) =>
        effect.kind === 'donate' ? { ...effect, bytes: 2 * effect.bytes } : effect,
      ),
  },
  {
    id: 'given-to-nobody',
    sentence: 'The hypervisor is given none of the memory of an enclave.',
    platform: 'qingtian',
    noticedBy: 'platform-caps',
    effects: (effects) =>
      effects
        .filter(({ kind }) => kind !== 'donate')
        .map((effect) =>
          effect.kind === 'add-enclave'
            ? { ...effect, enclave: { ...effect.enclave, donated: [] } }
            : effect,
        ),
  },
  {
    id: 'counted-twice',
    sentence: 'A record counts twice the memory that its enclave owns.',
    platform: 'qingtian',
    noticedBy: 'platform-caps',
    effects: (effects) =>
      effects.map((effect) => {
        if (effect.kind === 'set-enclave' && effect.field === 'memoryBytes') {
          return { ...effect, to: 2 * effect.to };
        }
        if (effect.kind !== 'add-enclave') return effect;
        const { enclave } = effect;
        return { ...effect, enclave: { ...enclave, memoryBytes: 2 * (enclave.memoryBytes ?? 0) } };
      }),
  },
  {
    id: 'sibling-stays-in-pool',
    sentence: 'A core goes to an enclave, its last thread stays in the pool.',
    platform: 'nitro',
    noticedBy: 'whole-cores',
    effects: (effects) =>
      effects.map((effect) =>
        effect.kind === 'take-core' && effect.cpus.length > 1
          ? { ...effect, cpus: effect.cpus.slice(0, -1) }
          : effect,
      ),
  },
  {
    id: 'half-page-late',
    sentence: 'A donated range begins in the middle of a page.',
    platform: 'qingtian',
    noticedBy: 'aligned-contiguous',
    effects: (effects) =>
      effects.map((effect) =>
        effect.kind === 'donate' ? { ...effect, phys: effect.phys + HALF_GRANULE_BYTES } : effect,
      ),
  },
  {
    id: 'runs-without-memory',
    sentence: 'An enclave runs with its first vCPU.',
    platform: 'nitro',
    noticedBy: 'platform-caps',
    effects: (effects, _host, command) => {
      if (command.kind !== 'nitro.add-vcpu' || effects.length === 0) return effects;
      const { slot: uid } = command;
      return [
        ...effects,
        { kind: 'set-enclave', uid, field: 'state', from: 'INIT', to: 'RUNNING' },
      ];
    },
  },
  {
    id: 'floor-forgotten-by-pool',
    sentence: 'A pool write takes every CPU offline.',
    platform: 'nitro',
    noticedBy: 'parent-floor',
    effects: (effects, host, command) => {
      if (command.kind !== 'nitro.write-pool') return effects;
      const taken = new Set(
        effects.flatMap((one) => (one.kind === 'set-online' && one.to === 0 ? [one.cpu] : [])),
      );
      if (taken.size === 0) return effects;
      const rest = host.tree.online.flatMap((bit, cpu): Effect[] =>
        bit === 1 && !taken.has(cpu) ? [{ kind: 'set-online', cpu, to: 0 }] : [],
      );
      return [...effects, ...rest];
    },
  },
  {
    id: 'page-added-by-start',
    sentence: 'A start adds a page of the other node.',
    platform: 'qingtian',
    noticedBy: 'numa-local',
    effects: (effects, host, command) => {
      const claimed = effects.find((effect) => effect.kind === 'claim');
      const uid = command.kind === 'qingtian.start' ? command.uid : claimed?.uid;
      const starts = effects.some(
        (one) => one.kind === 'set-enclave' && one.field === 'state' && one.to !== 'absent',
      );
      if (uid === undefined || (command.kind === 'qingtian.start' ? !starts : !isLaunch(command))) {
        return effects;
      }
      const node = 1 - (claimed?.node ?? theRecord(host.tree, uid).extents[0].node);
      const free = host.memory[node].base.findLowest(1, 1);
      const owner = enclaveOwner(uid);
      return free < 0
        ? effects
        : [...effects, { kind: 'claim', node, size: BASE, runs: [free, 1], owner, uid }];
    },
  },
  {
    id: 'parent-cid',
    sentence: 'An enclave gets the CID of its parent.',
    platform: 'qingtian',
    noticedBy: 'cid-unique',
    effects: (effects) =>
      effects.map((effect) =>
        effect.kind === 'add-enclave'
          ? { ...effect, enclave: { ...effect.enclave, cid: PARENT_CID } }
          : effect,
      ),
  },
  {
    id: 'claim-not-written-down',
    sentence: 'A launch does not write down the pages that it claimed.',
    platform: 'qingtian',
    noticedBy: 'no-leak',
    effects: (effects) =>
      effects.map((effect) => (effect.kind === 'claim' ? { ...effect, uid: -1 } : effect)),
  },
  {
    id: 'scrub-forgotten-by-stop',
    sentence: 'A stop of the parent returns pages as its enclaves left them.',
    platform: 'qingtian',
    noticedBy: 'scrub-before-return',
    effects: (effects, _host, command) =>
      command.kind === 'parent.stop'
        ? effects
            .filter(({ kind }) => kind !== 'scrub')
            .map((effect) =>
              effect.kind === 'release' ? { ...effect, from: enclaveOwner(effect.uid) } : effect,
            )
        : effects,
  },
];

function isLaunch({ kind }: { readonly kind: string }): boolean {
  return kind === 'qingtian.launch';
}
