/**
 * Planted faults of plain VMs: what a launch, an end or a stop of the host may forget.
 *
 * For each invariant that the profile promises, as far as the effects of a VM can break it. Invariant: as
 * in planted-faults, only the effects of decisions are changed. Trade-off: a VM has no ranges of a
 * hypervisor and no CID, so two invariants have nothing to break here.
 */
import type { Command } from '../host/command.js';
import type { Effect } from '../host/effect.js';
import { enclaveOwner, HELD } from '../host/owner.js';
import { theRecord } from '../host/records.js';
import { BASE } from '../host/stores.js';
import { POOL } from '../memory/node-memory.js';
import type { PlantedFault } from './planted-faults.js';

type Row = readonly [
  id: string,
  sentence: string,
  noticedBy: PlantedFault['noticedBy'],
  of: Command['kind'],
  change: PlantedFault['effects'],
];

const ROWS: readonly Row[] = [
  [
    'threads-still-in-pool',
    'Threads that a VM gets stay in the pool.',
    'thread-one-owner',
    'vm.launch',
    without('take-core'),
  ],
  [
    'thread-online-again',
    'The first thread of a VM comes online in the host.',
    'thread-one-owner',
    'vm.launch',
    (effects) =>
      effects.flatMap((effect): Effect[] =>
        effect.kind === 'take-core'
          ? [effect, { kind: 'set-online', cpu: effect.cpus[0], to: 1 }]
          : [effect],
      ),
  ],
  [
    'frames-of-nobody',
    'Frames of a launch are booked on nobody.',
    'frame-one-owner',
    'vm.launch',
    eachOf('claim', (claim) => ({ ...claim, owner: HELD })),
  ],
  [
    'frames-of-the-next',
    'Frames of a launch are booked on the VM after it.',
    'frame-one-owner',
    'vm.launch',
    eachOf('claim', (claim) => ({ ...claim, owner: enclaveOwner(claim.uid + 1) })),
  ],
  [
    'frame-beside-the-pools',
    'A launch takes a frame for a page pool that does not get it.',
    'frame-conservation',
    'vm.launch',
    (effects, { memory }) => {
      const claim = effects.find((one) => one.kind === 'claim');
      if (claim === undefined) return effects;
      const free = memory[1 - claim.node].base.findLowest(1, 1);
      const runs = [free, 1];
      return free < 0
        ? effects
        : [
            { kind: 'claim', node: 1 - claim.node, size: BASE, runs, owner: POOL, uid: -1 },
            ...effects,
          ];
    },
  ],
  [
    'frames-kept-by-end',
    'A VM that ended keeps its frames.',
    'no-leak',
    'vm.terminate',
    without('scrub', 'release'),
  ],
  [
    'threads-kept-by-crash',
    'The threads of a VM that crashed go to nobody.',
    'no-leak',
    'vm.crash',
    without('return-core'),
  ],
  [
    'scrub-forgotten-by-end',
    'Frames of a VM that ended are returned as they are.',
    'scrub-before-return',
    'vm.terminate',
    without('scrub'),
  ],
  [
    'scrub-forgotten-by-host',
    'A host that crashes returns the frames of its VMs as they are.',
    'scrub-before-return',
    'parent.crash',
    without('scrub'),
  ],
  [
    'vm-counted-twice',
    'A record counts twice the memory that its VM owns.',
    'platform-caps',
    'vm.launch',
    eachOf('add-enclave', (add) => {
      const { enclave } = add;
      return { ...add, enclave: { ...enclave, memoryBytes: 2 * (enclave.memoryBytes ?? 0) } };
    }),
  ],
  [
    'last-frame-not-had',
    'A VM gets a frame less than its record counts.',
    'platform-caps',
    'vm.launch',
    eachOf('claim', (claim) => {
      const [start, frames] = claim.runs;
      return frames === 1 ? claim : { ...claim, runs: [start, frames - 1, ...claim.runs.slice(2)] };
    }),
  ],
  [
    'host-stops-alone',
    'A host stops without ending its VMs.',
    'lifecycle-legal',
    'parent.stop',
    (effects) => effects.filter(({ kind }) => kind === 'set-parent'),
  ],
  [
    'grows-by-crash',
    'A VM that crashes goes on, with twice the memory.',
    'lifecycle-legal',
    'vm.crash',
    (effects, { tree }, command) => {
      if (command.kind !== 'vm.crash' || effects.length === 0) return effects;
      const { uid } = command;
      const from = theRecord(tree, uid).memoryBytes;
      return [{ kind: 'set-enclave', uid, field: 'memoryBytes', from, to: 2 * from }];
    },
  ],
];

export const VM_FAULTS: readonly PlantedFault[] = ROWS.map(
  ([id, sentence, noticedBy, of, change]) => ({
    ...{ id, sentence, noticedBy, platform: 'vm' },
    effects: (effects, host, command) =>
      command.kind === of ? change(effects, host, command) : effects,
  }),
);

function without(...kinds: readonly Effect['kind'][]): PlantedFault['effects'] {
  return (effects) => effects.filter(({ kind }) => !kinds.includes(kind));
}

type Of<K extends Effect['kind']> = Extract<Effect, { readonly kind: K }>;

function eachOf<K extends Effect['kind']>(
  kind: K,
  change: (effect: Of<K>) => Effect,
): PlantedFault['effects'] {
  return (effects) => effects.map((one) => (one.kind === kind ? change(one as Of<K>) : one));
}
