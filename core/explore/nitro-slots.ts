/**
 * The scope of Nitro's limit on enclaves: five tasks that each create one, where a parent may have four.
 *
 * Invariant: whoever is the fifth is refused. Trade-off: enclaves get neither vCPU nor memory, or
 * five of them would be too many states.
 */
import type { Command } from '../host/command.js';
import { nitroProfile } from '../platform/nitro/profile.js';
import { always, ofEnclave } from './moves.js';
import { buildSmallHost, type Scope, upTo } from './scope.js';

const PLACES = 5;
const POOL: Command = { kind: 'nitro.write-pool', text: '1,3' };

export const NITRO_SLOTS: Scope = {
  name: 'nitro-slots',
  platform: 'nitro',
  sentence: 'five tasks that each want an enclave of nothing, of four that a parent may have',
  size: 'small',
  places: PLACES,
  build: () =>
    buildSmallHost({
      profile: nitroProfile(),
      nodes: 1,
      coresPerNode: 2,
      threadsPerCore: 2,
      frames: 1,
      frameMib: 64,
    }),
  moves: [
    always(POOL),
    ...upTo(PLACES).flatMap((place) => [
      {
        label: `nitro.create-vm by task ${place + 1}`,
        fills: place,
        meets: 'nitro.hypervisor-slots',
        command: (): Command => ({ kind: 'nitro.create-vm', task: place + 1 }),
      },
      {
        label: `close of enclave ${place}`,
        command: ofEnclave(place, (slot) => ({ kind: 'nitro.close', slot })),
      },
    ]),
    always({ kind: 'parent.stop' }),
    always({ kind: 'parent.boot' }),
  ],
  symmetry: { places: true, cids: [] },
  beyond: ['two-run', 'pool-emptied', 'memory-held'],
  idle: [{ node: 0, frames: [0], why: 'enclaves of nothing have no memory, and a node has some' }],
};
