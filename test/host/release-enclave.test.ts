/** What an end says: cores back, then every extent scrubbed before it is free, then the record gone. */
import { describe, expect, it } from 'vitest';
import { apply } from '../../core/host/apply.js';
import type { Effect } from '../../core/host/effect.js';
import { enclaveOwner, SCRUBBED } from '../../core/host/owner.js';
import { theRecord } from '../../core/host/records.js';
import { dismissEnclave, releaseEnclave } from '../../core/host/release-enclave.js';
import { runInPlace } from '../../core/host/step.js';
import { FREE } from '../../core/memory/extent-store.js';
import { vmHost } from '../kit/hosts.js';

function hostOfOne() {
  const host = vmHost();
  const command = { kind: 'vm.launch', vcpus: 4, memoryMib: 512, nodes: 2 } as const;
  const { uid } = runInPlace(host, command).facts;
  if (uid === undefined) throw new Error('not launched');
  return { host, uid };
}

describe('releaseEnclave', () => {
  it('scrubs each extent, then releases it, last claimed first', () => {
    const { host, uid } = hostOfOne();
    const { extents } = theRecord(host.tree, uid);
    expect(extents.length).toBe(2);
    const effects = releaseEnclave(host, theRecord(host.tree, uid));
    const memory = effects.filter((effect: Effect) => 'handle' in effect);
    expect(memory).toEqual(
      extents.toReversed().flatMap(({ node, size, handle }) => [
        { kind: 'scrub', node, size, handle, from: enclaveOwner(uid), to: SCRUBBED, uid },
        { kind: 'release', node, size, handle, from: SCRUBBED, to: FREE, uid },
      ]),
    );
    const kinds = effects.map(({ kind }) => kind);
    expect(kinds.slice(0, -5)).toEqual(kinds.slice(0, -5).map(() => 'return-core'));
    expect(kinds.at(-1)).toBe('drop-enclave');
  });

  it('nobody owns a scrubbed extent in between: the store says so', () => {
    const { host, uid } = hostOfOne();
    const [extent] = theRecord(host.tree, uid).extents.toReversed();
    const effects = releaseEnclave(host, theRecord(host.tree, uid));
    const scrub = effects.findIndex(({ kind }) => kind === 'scrub');
    apply(host, effects.slice(0, scrub + 1));
    expect(host.memory[extent.node].base.at(extent.handle).owner).toBe(SCRUBBED);
    apply(host, effects.slice(scrub + 1));
    const { host: other, uid: same } = hostOfOne();
    apply(other, dismissEnclave(other, theRecord(other.tree, same)));
    expect(JSON.stringify(host.tree)).toBe(JSON.stringify(other.tree));
    expect(host.memory.map((node) => node.snapshot())).toEqual(
      other.memory.map((node) => node.snapshot()),
    );
  });
});
