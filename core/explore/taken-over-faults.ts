/**
 * Planted faults by which an enclave has less than it asked for, or what is not its own.
 *
 * All books agree with each other: only what was asked, what was had before, and who may be looked at tell
 * that it is wrong. Invariant: as in planted-faults, only the effects of decisions are changed. Trade-off:
 * an enclave that takes another's place does so where that one ends, so that nothing is had twice.
 */
import type { Command } from '../host/command.js';
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { recordOf } from '../host/records.js';
import { copyEnclave, type Enclave } from '../host/tree.js';
import type { PlantedFault } from './planted-faults.js';

export const TAKEN_OVER_FAULTS: readonly PlantedFault[] = [
  {
    id: 'runs-without-vcpus',
    sentence: 'An enclave gets its cores, and no vCPU on them.',
    platform: 'qingtian',
    noticedBy: 'platform-caps',
    effects: (effects) =>
      effects.flatMap((one): Effect[] => {
        if (one.kind === 'add-vcpu') return [];
        return one.kind === 'add-enclave'
          ? [{ ...one, enclave: { ...one.enclave, vcpus: [] } }]
          : [one];
      }),
  },
  {
    id: 'moved-to-cores-of-another',
    sentence: 'An enclave stops, and another that runs goes on on its cores.',
    platform: 'qingtian',
    noticedBy: 'lifecycle-legal',
    effects: (effects, host, command) =>
      command.kind === 'qingtian.stop' ? onItsCores(effects, host, command) : effects,
  },
  {
    id: 'console-of-another',
    sentence: 'A console that is opened is that of the first enclave, in debug mode or not.',
    platform: 'qingtian',
    noticedBy: 'lifecycle-legal',
    effects: (effects, { tree: { records } }, command) =>
      command.kind === 'qingtian.console-open'
        ? effects.map((one) => ('uid' in one ? { ...one, uid: records[0].uid } : one))
        : effects,
  },
  {
    id: 'counted-and-not-given',
    sentence: 'Memory is counted that the hypervisor was never given.',
    platform: 'nitro',
    noticedBy: 'platform-caps',
    effects: (effects, _host, command) =>
      command.kind === 'nitro.set-memory'
        ? effects.filter(({ kind }) => kind !== 'donate' && kind !== 'give')
        : effects,
  },
];

/** After a stop that went as it should, the first enclave that runs is moved to the cores it left. */
function onItsCores(
  effects: readonly Effect[],
  { tree }: Host,
  { uid }: Command & { readonly uid: number },
): readonly Effect[] {
  const ended = recordOf(tree, uid);
  const other = tree.records.find((one) => one.uid !== uid && one.state === 'running');
  if (ended === undefined || other === undefined || effects.length === 0) return effects;
  return ended.cores.length === other.cores.length ? [...effects, ...moved(other, ended)] : effects;
}

function moved(other: Enclave, to: Enclave): Effect[] {
  const { uid } = other;
  const without = { ...copyEnclave(other), cores: [] };
  return [
    ...other.cores.map(({ index, cpus }) => core('return-core', uid, index, cpus)),
    { kind: 'drop-enclave', enclave: without },
    { kind: 'add-enclave', enclave: { ...without, vcpus: [...to.vcpus] } },
    ...to.cores.map(({ index, cpus }) => core('take-core', uid, index, cpus)),
  ];
}

function core(
  kind: 'take-core' | 'return-core',
  uid: number,
  index: number,
  cpus: readonly number[],
): Effect {
  return { kind, uid, index, cpus: [...cpus] };
}
