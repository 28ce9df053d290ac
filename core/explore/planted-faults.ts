/**
 * Planted faults: a platform with one bug each, to show that the search can fail.
 *
 * A fault changes the effects of some decisions behind the profile's own steps, or leaves a rule out
 * of them; apply and invariants stay as they are. Invariant: each names the property that must notice it; a self-test
 * in which one goes unnoticed has failed. Trade-off: the seam is the profile, which every host
 * carries, so no step and no row knows that it can be tampered with; who walks the rows does.
 */

import type { Command } from '../host/command.js';
import type { Decision } from '../host/decision.js';
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { enclaveOwner, HELD } from '../host/owner.js';
import { recordOf } from '../host/records.js';
import type { InvariantId } from '../invariants/invariant.js';
import { FREE } from '../memory/extent-store.js';
import { alignUp } from '../memory/frame-math.js';
import type { PlatformId } from '../platform/profile.js';
import { withoutRules } from '../platform/rule.js';
import { siblingsOf } from '../topology/topology.js';
import { EARLY_FAULTS } from './early-faults.js';
import { givenAll } from './given-pages.js';
import { LOST_CPU_FAULTS } from './lost-cpu-faults.js';
import { NITRO_FAULTS } from './nitro-faults.js';
import { PIN_FAULTS } from './pin-faults.js';
import { RESERVATION_FAULTS } from './reservation-faults.js';
import { RULE_FAULTS } from './rule-faults.js';
import { TAKEN_OVER_FAULTS } from './taken-over-faults.js';
import { VM_FAULTS } from './vm-faults.js';
import { WRONG_END_FAULTS } from './wrong-end-faults.js';

export interface PlantedFault {
  readonly id: string;
  readonly sentence: string;
  readonly platform: PlatformId;
  readonly noticedBy: InvariantId;
  /** Ids of rules that nobody asks. */
  readonly without?: readonly string[];
  /** Name of the scope in which it is looked for; by default the platform's first one. */
  readonly scope?: string;
  readonly effects: (effects: readonly Effect[], host: Host, command: Command) => readonly Effect[];
}

/** The host with the fault behind every step of its profile. */
export function plant(host: Host, fault: PlantedFault): Host {
  const { steps } = host.profile;
  const faulty = Object.entries(steps).map(([kind, step]) => {
    const sound = step as (at: Host, command: Command) => Decision;
    const wrapped = (at: Host, command: Command): Decision => {
      const decision =
        fault.without === undefined
          ? sound(at, command)
          : withoutRules(fault.without, () => sound(at, command));
      return { ...decision, effects: fault.effects(decision.effects, at, command) };
    };
    return [kind, wrapped];
  });
  return { ...host, profile: { ...host.profile, steps: Object.fromEntries(faulty) } };
}

const ENDS: ReadonlySet<Command['kind']> = new Set(['qingtian.stop', 'qingtian.crash'] as const);

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
    sentence: 'Pages of a stopped or crashed enclave are returned as they are.',
    platform: 'qingtian',
    noticedBy: 'scrub-before-return',
    effects: (effects, _host, command) =>
      ENDS.has(command.kind) ? withoutScrub(effects) : effects,
  },
  {
    id: 'scrub-forgotten-by-failed-step',
    sentence: 'A launch that fails half way returns its pages as they are.',
    platform: 'qingtian',
    noticedBy: 'scrub-before-return',
    effects: (effects, _host, command) =>
      'accepted' in command && command.accepted === false ? withoutScrub(effects) : effects,
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
    id: 'core-lost-on-failed-start',
    sentence: 'A start that is refused below the rules keeps the first core of the pool.',
    platform: 'qingtian',
    noticedBy: 'no-leak',
    effects: (effects, { tree }, command) => {
      const refused = command.kind === 'qingtian.define' && command.accepted === false;
      const first = tree.pool.avail.findIndex((cpus) => cpus.length > 0);
      if (!refused || effects.length > 0 || first < 0) return effects;
      const avail = tree.pool.avail.map((cpus, index) => (index === first ? [] : cpus));
      return [{ kind: 'set-pool', from: tree.pool, to: { ...tree.pool, avail } }];
    },
  },
  {
    id: 'page-kept-by-refused-region',
    sentence: 'A region that the hypervisor refuses becomes the enclave’s all the same.',
    platform: 'nitro',
    noticedBy: 'no-leak',
    effects: (effects, host, command) => {
      const region = effects.find(({ kind }) => kind === 'add-region');
      const accepted = effects.some(({ kind }) => kind === 'donate');
      if (command.kind !== 'nitro.set-memory' || region?.kind !== 'add-region' || accepted) {
        return effects;
      }
      return [...effects, ...givenAll(host, region.uid, region.region.pages)];
    },
  },
  {
    id: 'off-by-one-frame',
    sentence: 'A donated range begins one page late.',
    platform: 'qingtian',
    noticedBy: 'frame-one-owner',
    effects: (effects) =>
      effects.map((effect) => {
        if (effect.kind === 'donate') return { ...effect, phys: effect.phys + effect.bytes };
        if (effect.kind !== 'add-enclave') return effect;
        const { donated } = effect.enclave;
        const late = donated.map((value, i) => (i % 2 === 0 ? value + donated[i + 1] : value));
        return { ...effect, enclave: { ...effect.enclave, donated: late } };
      }),
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
    sentence: 'An enclave gets the number after its own for a CID; the first are the hypervisor’s.',
    platform: 'qingtian',
    noticedBy: 'cid-unique',
    effects: (effects) =>
      effects.map((effect) =>
        effect.kind === 'add-enclave'
          ? { ...effect, enclave: { ...effect.enclave, cid: effect.enclave.uid + 1 } }
          : effect,
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
    sentence: 'A stop that fails leaves the enclave running, with twice the memory.',
    platform: 'qingtian',
    noticedBy: 'lifecycle-legal',
    effects: (effects, { tree }, command) => {
      if (command.kind !== 'qingtian.stop' || command.accepted !== false) return effects;
      const { uid } = command;
      const enclave = recordOf(tree, uid);
      if (enclave?.state !== 'running') return effects;
      const from = enclave.memoryBytes;
      return [{ kind: 'set-enclave', uid, field: 'memoryBytes', from, to: 2 * from }];
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
      return effects
        .filter((effect) => effect !== last)
        .map((effect) => {
          if (effect.kind !== 'add-enclave') return effect;
          const { enclave } = effect;
          return { ...effect, enclave: { ...enclave, vcpus: enclave.vcpus.slice(0, -1) } };
        });
    },
  },
  {
    id: 'floor-forgotten',
    sentence: 'A reservation takes all pages that are left to the parent.',
    platform: 'qingtian',
    noticedBy: 'parent-floor',
    effects: (effects, host, command) => {
      const grown = effects.find((one) => one.kind === 'resize-pages' && one.grow);
      if (command.kind !== 'qingtian.reserve' || grown?.kind !== 'resize-pages') return effects;
      return [...effects, ...restOfPages(host, grown.size, effects)];
    },
  },
  {
    id: 'page-of-other-node',
    sentence: 'Half of the pool is on the other node, and the first enclave gets its pages there.',
    platform: 'qingtian',
    noticedBy: 'numa-local',
    effects: (effects, host) =>
      effects.flatMap((effect): Effect[] => {
        if (effect.kind === 'claim' && effect.uid === host.hypervisor.firstSlot) {
          const other = { ...effect, node: 1 - effect.node };
          return [isFree(host, other) ? other : effect];
        }
        if (effect.kind !== 'resize-pages' || !effect.grow) return [effect];
        const [start, frames] = effect.runs;
        const other = { ...effect, runs: [start, frames >> 1], node: 1 - effect.node };
        return [{ ...effect, runs: [start, frames - (frames >> 1)] }, other];
      }),
  },
  ...EARLY_FAULTS,
  ...LOST_CPU_FAULTS,
  ...PIN_FAULTS,
  ...RESERVATION_FAULTS,
  ...RULE_FAULTS,
  ...TAKEN_OVER_FAULTS,
  ...VM_FAULTS,
  ...WRONG_END_FAULTS,
  ...NITRO_FAULTS,
];

/** Whether the first run of a claim is free in the pool that it is of. */
function isFree(
  { memory }: Host,
  { node, size, runs }: Effect & { readonly kind: 'claim' },
): boolean {
  const { owner, start, frames } = memory[node].pools[size].store.covering(runs[0]);
  return owner === FREE && runs[0] + runs[1] <= start + frames;
}

function withoutScrub(effects: readonly Effect[]): readonly Effect[] {
  return effects.filter(({ kind }) => kind !== 'scrub');
}

/** Every whole page of a size that is free on some node once pools are as `effects` make them. */
function restOfPages(host: Host, size: number, effects: readonly Effect[]): Effect[] {
  return host.memory.flatMap(({ base, pools }, node): Effect[] => {
    const fork = base.fork();
    for (const one of effects) {
      if (one.kind !== 'resize-pages' || one.node !== node) continue;
      for (let i = 0; i < one.runs.length; i += 2) {
        if (one.grow) fork.allocAt(one.runs[i], one.runs[i + 1], HELD);
        else fork.freeRange(one.runs[i], one.runs[i + 1]);
      }
    }
    const runs: number[] = [];
    const { pageFrames } = pools[size];
    for (const { owner, start, frames } of fork.extents()) {
      const from = alignUp(start, pageFrames);
      const pages = Math.floor((start + frames - from) / pageFrames);
      if (owner === FREE && pages > 0) runs.push(from, pages * pageFrames);
    }
    return runs.length === 0 ? [] : [{ kind: 'resize-pages', node, size, runs, grow: true }];
  });
}
