/**
 * Planted faults: a platform with one bug each, to show that the search can fail.
 *
 * A fault changes the effects of some decisions behind the profile's own steps; rules, apply and
 * invariants stay as they are. Invariant: each names the property that must notice it; a self-test
 * in which one goes unnoticed has failed. Trade-off: the seam is the profile, which every host
 * carries, so nothing in the shipped rules knows that it can be tampered with.
 */

import type { Command } from '../host/command.js';
import type { Decision } from '../host/decision.js';
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { enclaveOwner, isEnclaveOwner } from '../host/owner.js';
import { theRecord } from '../host/records.js';
import type { InvariantId } from '../invariants/invariant.js';
import type { PlatformId } from '../platform/profile.js';
import { siblingsOf } from '../topology/topology.js';
import { EARLY_FAULTS } from './early-faults.js';

export interface PlantedFault {
  readonly id: string;
  readonly sentence: string;
  readonly platform: Extract<PlatformId, 'qingtian' | 'nitro'>;
  readonly noticedBy: InvariantId;
  readonly effects: (effects: readonly Effect[], host: Host, command: Command) => readonly Effect[];
}

/** The host with the fault behind every step of its profile. */
export function plant(host: Host, fault: PlantedFault): Host {
  const { steps } = host.profile;
  const faulty = Object.entries(steps).map(([kind, step]) => {
    const sound = step as (at: Host, command: Command) => Decision;
    const wrapped = (at: Host, command: Command): Decision => {
      const decision = sound(at, command);
      return { ...decision, effects: fault.effects(decision.effects, at, command) };
    };
    return [kind, wrapped];
  });
  return { ...host, profile: { ...host.profile, steps: Object.fromEntries(faulty) } };
}

const ENDS: ReadonlySet<Command['kind']> = new Set([
  'qingtian.stop',
  'qingtian.crash',
  'nitro.close',
] as const);

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    id: 'half-core',
    sentence: 'A core goes to an enclave without its last thread.',
    platform: 'qingtian',
    noticedBy: 'whole-cores',
    effects: (effects) => {
      const left = effects.flatMap((one) => (one.kind === 'take-core' ? one.cpus.slice(1) : []));
      return effects
        .filter((one) => one.kind !== 'add-vcpu' || !left.includes(one.cpu))
        .map((one) => (one.kind === 'take-core' ? { ...one, cpus: one.cpus.slice(0, 1) } : one));
    },
  },
  {
    id: 'core-still-online',
    sentence: 'The first thread of a donated core comes online in the parent.',
    platform: 'qingtian',
    noticedBy: 'thread-one-owner',
    effects: (effects) =>
      effects.flatMap((effect): Effect[] =>
        effect.kind === 'take-core'
          ? [effect, { kind: 'set-online', cpu: effect.cpus[0], to: 1 }]
          : [effect],
      ),
  },
  {
    id: 'sibling-not-offline',
    sentence: 'A pool write leaves the last sibling online.',
    platform: 'nitro',
    noticedBy: 'thread-one-owner',
    effects: (effects, host, command) => {
      if (command.kind !== 'nitro.write-pool') return effects;
      const last = effects.findLast((one) => one.kind === 'set-online' && one.to === 0);
      if (last?.kind !== 'set-online' || siblingsOf(host.topology, last.cpu).length < 2) {
        return effects;
      }
      return effects.filter((one) => one !== last);
    },
  },
  {
    id: 'scrub-forgotten',
    sentence: 'Pages of an ended enclave are returned as they are.',
    platform: 'qingtian',
    noticedBy: 'scrub-before-return',
    effects: withoutScrub,
  },
  {
    id: 'scrub-forgotten-by-close',
    sentence: 'A close returns pages as they are.',
    platform: 'nitro',
    noticedBy: 'scrub-before-return',
    effects: (effects, host, command) =>
      command.kind === 'nitro.close' ? scrubAsRelease(effects, host) : effects,
  },
  {
    id: 'pages-kept',
    sentence: 'An ended enclave keeps its pages.',
    platform: 'qingtian',
    noticedBy: 'no-leak',
    effects: (effects, _host, command) =>
      ENDS.has(command.kind)
        ? effects.filter(({ kind }) => kind !== 'scrub' && kind !== 'release')
        : effects,
  },
  {
    id: 'core-lost-on-failed-step',
    sentence: 'A launch that fails after its cores were added does not return them.',
    platform: 'qingtian',
    noticedBy: 'no-leak',
    effects: (effects, _host, command) =>
      command.kind === 'qingtian.start' ? effects.filter(notCoreReturn) : effects,
  },
  {
    id: 'page-kept-by-close',
    sentence: 'A close forgets the pages.',
    platform: 'nitro',
    noticedBy: 'no-leak',
    effects: (effects, _host, command) =>
      command.kind === 'nitro.close'
        ? effects.filter(({ kind }) => kind !== 'scrub' && kind !== 'release' && kind !== 'give')
        : effects,
  },
  {
    id: 'off-by-one-frame',
    sentence: 'A donated range begins one page late.',
    platform: 'qingtian',
    noticedBy: 'frame-one-owner',
    effects: (effects) =>
      effects.map((effect) =>
        effect.kind === 'donate' ? { ...effect, phys: effect.phys + effect.bytes } : effect,
      ),
  },
  {
    id: 'half-granule',
    sentence: 'A donated range is a byte too long.',
    platform: 'nitro',
    noticedBy: 'aligned-contiguous',
    effects: (effects) =>
      effects.map((effect) =>
        effect.kind === 'donate' ? { ...effect, bytes: effect.bytes + 1 } : effect,
      ),
  },
  {
    id: 'owner-off-by-one',
    sentence: 'Claimed pages are booked on the enclave after the one that claims them.',
    platform: 'qingtian',
    noticedBy: 'frame-one-owner',
    effects: (effects) =>
      effects.map((effect) =>
        effect.kind === 'claim' ? { ...effect, owner: enclaveOwner(effect.uid + 1) } : effect,
      ),
  },
  {
    id: 'double-cid',
    sentence: 'Every enclave gets the same CID.',
    platform: 'qingtian',
    noticedBy: 'cid-unique',
    effects: (effects) =>
      effects.map((effect) =>
        effect.kind === 'add-enclave'
          ? { ...effect, enclave: { ...effect.enclave, cid: 4 } }
          : effect,
      ),
  },
  {
    id: 'reserved-cid',
    sentence: 'An automatic CID is the parent’s own.',
    platform: 'nitro',
    noticedBy: 'cid-unique',
    effects: (effects) =>
      effects.map((effect) =>
        effect.kind === 'set-enclave' && effect.field === 'cid' ? { ...effect, to: 3 } : effect,
      ),
  },
  {
    id: 'stop-leaves-running',
    sentence: 'The parent stops without ending its enclaves.',
    platform: 'qingtian',
    noticedBy: 'lifecycle-legal',
    effects: (effects, _host, command) =>
      command.kind === 'parent.stop'
        ? effects.filter(({ kind }) => kind === 'set-parent')
        : effects,
  },
  {
    id: 'resize-after-start',
    sentence: 'The first heartbeat adds memory.',
    platform: 'qingtian',
    noticedBy: 'lifecycle-legal',
    effects: (effects, host, command) => {
      if (command.kind !== 'qingtian.heartbeat' || effects.length !== 1) return effects;
      const from = theRecord(host.tree, command.uid).memoryBytes;
      const { uid } = command;
      return [...effects, { kind: 'set-enclave', uid, field: 'memoryBytes', from, to: 2 * from }];
    },
  },
  {
    id: 'runs-when-created',
    sentence: 'An enclave runs as soon as it is created.',
    platform: 'nitro',
    noticedBy: 'lifecycle-legal',
    effects: (effects) =>
      effects.map((effect) =>
        effect.kind === 'add-enclave'
          ? { ...effect, enclave: { ...effect.enclave, state: 'RUNNING' } }
          : effect,
      ),
  },
  {
    id: 'cap-forgotten',
    sentence: 'An enclave runs with one donated thread of a core.',
    platform: 'qingtian',
    noticedBy: 'platform-caps',
    effects: (effects) => {
      const last = effects.findLast(({ kind }) => kind === 'add-vcpu');
      return effects.filter((effect) => effect !== last);
    },
  },
  {
    id: 'floor-forgotten',
    sentence: 'A reservation takes every CPU offline.',
    platform: 'qingtian',
    noticedBy: 'parent-floor',
    effects: (effects, host, command) => {
      if (command.kind !== 'qingtian.reserve') return effects;
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
    id: 'page-of-other-node',
    sentence: 'Half of the pool is on the other node, and the first enclave gets its pages there.',
    platform: 'qingtian',
    noticedBy: 'numa-local',
    effects: (effects, { hypervisor }) =>
      effects.flatMap((effect): Effect[] => {
        if (effect.kind === 'claim' && effect.uid === hypervisor.firstSlot) {
          return [{ ...effect, node: 1 - effect.node }];
        }
        if (effect.kind !== 'resize-pages' || !effect.grow) return [effect];
        const half = { ...effect, runs: [effect.runs[0], effect.runs[1] >> 1] };
        return [half, { ...half, node: 1 - effect.node }];
      }),
  },
  ...EARLY_FAULTS,
];

function notCoreReturn(effect: Effect): boolean {
  return effect.kind !== 'return-core';
}

function withoutScrub(effects: readonly Effect[]): readonly Effect[] {
  return effects
    .filter(({ kind }) => kind !== 'scrub')
    .map((effect) =>
      effect.kind === 'release' ? { ...effect, from: enclaveOwner(effect.uid) } : effect,
    );
}

/** Releases what would be scrubbed and given back, under the enclave's name. */
function scrubAsRelease(effects: readonly Effect[], _host: Host): readonly Effect[] {
  return effects.flatMap((effect): Effect[] => {
    if (effect.kind === 'give') return [];
    if (effect.kind !== 'scrub' || !isEnclaveOwner(effect.from)) {
      return effect.kind === 'release' ? [] : [effect];
    }
    return [{ ...effect, kind: 'release', to: 0 }];
  });
}
