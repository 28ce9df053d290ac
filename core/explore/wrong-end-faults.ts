/**
 * Planted faults by which a command that ends one enclave ends another one in its place.
 *
 * What the other had goes back as it should, and its edge is a legal one: only who was named tells that
 * it is wrong. Invariant: as in planted-faults, only the effects of decisions are changed. Trade-off: the
 * other is the first there is beside the one that is named; where there is none, nothing is changed.
 */
import type { Effect } from '../host/effect.js';
import type { Host } from '../host/host.js';
import { releaseEnclave } from '../host/release-enclave.js';
import type { Enclave } from '../host/tree.js';
import { closeEnclave } from '../platform/nitro/close.js';
import type { PlantedFault } from './planted-faults.js';

export const WRONG_END_FAULTS: readonly PlantedFault[] = [
  {
    id: 'stop-ends-another',
    sentence: 'A stop ends another enclave than the one it names.',
    platform: 'qingtian',
    noticedBy: 'lifecycle-legal',
    effects: (effects, host, command) =>
      command.kind === 'qingtian.stop' ? endAnother(effects, host, command.uid) : effects,
  },
  {
    id: 'close-frees-another',
    sentence: 'A close frees another slot than the one of its file.',
    platform: 'nitro',
    noticedBy: 'lifecycle-legal',
    effects: (effects, host, command) => {
      if (command.kind !== 'nitro.close' || effects.length === 0) return effects;
      const other = beside(host, command.slot);
      if (other === undefined) return effects;
      return closeEnclave(host, { ...command, slot: other.uid }).effects;
    },
  },
  {
    id: 'terminate-ends-another',
    sentence: 'A VM is to be terminated, and another one is.',
    platform: 'vm',
    noticedBy: 'lifecycle-legal',
    effects: (effects, host, command) =>
      command.kind === 'vm.terminate' ? endAnother(effects, host, command.uid) : effects,
  },
];

/** Effects that end another enclave than this one, where there is one and this one was to end. */
function endAnother(effects: readonly Effect[], host: Host, uid: number): readonly Effect[] {
  const other = beside(host, uid);
  return other === undefined || effects.length === 0 ? effects : releaseEnclave(host, other);
}

function beside({ tree }: Host, uid: number): Enclave | undefined {
  return tree.records.find((one) => one.uid !== uid);
}
