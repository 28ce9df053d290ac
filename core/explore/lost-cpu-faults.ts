/**
 * Planted faults by which a CPU is lost: offline, and neither the pool nor an enclave has it.
 *
 * Each forgets one way back: a release, a pool given back or made anew, a pool written anew, a boot.
 * Invariant: as in planted-faults, only the effects of decisions are changed. Trade-off: what a step takes
 * offline is left as it is; that it takes too much is another fault (early-faults).
 */
import type { Command } from '../host/command.js';
import type { Effect } from '../host/effect.js';
import type { PlantedFault } from './planted-faults.js';

export const LOST_CPU_FAULTS: readonly PlantedFault[] = [
  {
    id: 'core-lost-by-stop',
    sentence: 'The cores of a stopped enclave go neither to the pool nor to the parent.',
    platform: 'qingtian',
    noticedBy: 'no-leak',
    effects: upon('qingtian.stop', (effects) =>
      effects.filter(({ kind }) => kind !== 'return-core'),
    ),
  },
  {
    id: 'cpu-lost-by-unreserve',
    sentence: 'A pool is given back, its last CPU stays offline.',
    platform: 'qingtian',
    noticedBy: 'no-leak',
    effects: upon('qingtian.unreserve', withoutLastOnline),
  },
  {
    id: 'cpu-lost-by-restart',
    sentence: 'A reservation made anew brings no CPU of the pool before it back.',
    platform: 'qingtian',
    noticedBy: 'no-leak',
    effects: upon('qingtian.reserve', (effects) =>
      effects.filter((one) => one.kind !== 'set-online' || one.to === 0),
    ),
  },
  {
    id: 'cpu-stays-off-over-boot',
    sentence: 'A boot brings no CPU back that the administrator switched off.',
    platform: 'qingtian',
    scope: 'qingtian-switched',
    noticedBy: 'no-leak',
    effects: upon('parent.boot', withoutSwitches),
  },
  {
    id: 'cpu-lost-by-pool-write',
    sentence: 'A pool write that fails leaves the last CPU of the old pool offline.',
    platform: 'nitro',
    noticedBy: 'no-leak',
    effects: upon('nitro.write-pool', withoutLastOnline),
  },
  {
    id: 'cpu-lost-by-roll-back',
    sentence: 'A pool write whose second CPU stays online leaves the first one offline.',
    platform: 'nitro',
    scope: 'nitro-roll-backs',
    noticedBy: 'no-leak',
    effects: (effects, _host, command) => {
      if (command.kind !== 'nitro.write-pool' || command.answers?.CPU_OFFLINE?.nth !== 2) {
        return effects;
      }
      const isRolledBack = effects.some((one) => one.kind === 'set-pool' && one.to.node === -1);
      const cpu = Number.parseInt(command.text, 10);
      return isRolledBack ? [...effects, { kind: 'set-online', cpu, to: 0 }] : effects;
    },
  },
  {
    id: 'cpu-lost-over-boot',
    sentence: 'A boot brings no CPU back that was switched off before.',
    platform: 'nitro',
    scope: 'nitro-switched',
    noticedBy: 'no-leak',
    effects: upon('parent.boot', withoutSwitches),
  },
];

/** What commands of one kind do, changed; all others are left alone. */
function upon(
  kind: Command['kind'],
  change: (effects: readonly Effect[]) => readonly Effect[],
): PlantedFault['effects'] {
  return (effects, _host, command) => (command.kind === kind ? change(effects) : effects);
}

function withoutSwitches(effects: readonly Effect[]): readonly Effect[] {
  return effects.filter(({ kind }) => kind !== 'set-online');
}

function withoutLastOnline(effects: readonly Effect[]): readonly Effect[] {
  const last = effects.findLast((one) => one.kind === 'set-online' && one.to === 1);
  return effects.filter((effect) => effect !== last);
}
