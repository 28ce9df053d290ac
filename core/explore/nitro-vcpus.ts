/**
 * The scope in which Nitro's tasks ask for their vCPUs by number, where elsewhere the driver picks.
 *
 * Two enclaves, each asking for every CPU of the host: those of its own cores, a sibling on a core of the
 * other's, one nobody has, one that is the parent's. Invariant: a core goes to one enclave whole, whichever
 * of its threads is named, and by whom. Trade-off: enclaves get no memory, so none of them starts; what
 * is given is asked of the hypervisor answered and refused.
 */
import type { Answers, Command } from '../host/command.js';
import { nitroProfile } from '../platform/nitro/profile.js';
import { always, ofEnclave } from './moves.js';
import { failing, tail } from './nitro-pages.js';
import { buildSmallHost, type Move, type Scope, upTo } from './scope.js';

const CORES = 3;
const THREADS = 2;
const ENCLAVES = 2;
/** The parent keeps core 0. */
const POOL: Command = { kind: 'nitro.write-pool', text: '1-2,4-5' };

export const NITRO_VCPUS: Scope = {
  name: 'nitro-vcpus',
  platform: 'nitro',
  sentence: '2 enclaves without memory that ask for each CPU of 1 node by its number',
  size: 'small',
  places: ENCLAVES,
  build: () =>
    buildSmallHost({
      profile: nitroProfile(),
      nodes: 1,
      coresPerNode: CORES,
      threadsPerCore: THREADS,
      frames: 1,
      frameMib: 64,
    }),
  moves: [
    always(POOL),
    ...upTo(ENCLAVES).flatMap(movesOfPlace),
    always({ kind: 'parent.stop' }),
    always({ kind: 'parent.boot' }),
  ],
  symmetry: { places: true, cids: [] },
  beyond: ['two-run', 'memory-held'],
  idle: [{ node: 0, frames: [0], why: 'enclaves of vCPUs have no memory, and a node has some' }],
};

function movesOfPlace(place: number): Move[] {
  const task = place + 1;
  const addVcpu = (cpu: number, answers: Answers): Move => ({
    label: `add-vcpu of CPU ${cpu} to enclave ${place}${tail(answers)}`,
    command: ofEnclave(place, (slot) => ({ kind: 'nitro.add-vcpu', slot, task, cpu, answers })),
  });
  return [
    { ...always({ kind: 'nitro.create-vm', task }), fills: place },
    // CPU 0 is "pick one", and no pool may have it.
    ...upTo(CORES * THREADS).map((cpu) => addVcpu(cpu, {})),
    ...[1, CORES + 1].map((cpu) => addVcpu(cpu, failing('SLOT_ADD_VCPU'))),
    {
      label: `close of enclave ${place}`,
      command: ofEnclave(place, (slot) => ({ kind: 'nitro.close', slot })),
    },
    {
      label: `close of enclave ${place}, SLOT_FREE refused`,
      command: ofEnclave(place, (slot) => {
        return { kind: 'nitro.close', slot, answers: failing('SLOT_FREE') };
      }),
    },
  ];
}
