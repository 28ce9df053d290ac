/**
 * The silent pass of the audit beside the full check, entry by entry: whatever single entry of a sound
 * host is damaged, both say the same, but for what the pass leaves to the full check by design.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import { looksSound } from '../../core/invariants/looks-sound.js';
import { qingtianHost, vmHost } from '../kit/hosts.js';
import { scaledRuns } from '../seed.js';
import { breachesOf, withGap } from './compound-books.js';
import { copyOf, singleDamages } from './single-damages.js';
import { must, qingtianPair, startQingtian, vmPair } from './sound-hosts.js';

/** Two nodes, and everything at its bound: one less, or one more, breaks a promise. */
function brimful(): Host {
  const options = {
    maxEnclaves: 2,
    maxVcpusTotal: 4,
    maxPages: 64,
    minMemoryMib: 128,
    imageRatio: 16,
    parentVcpus: 24,
    parentMemoryMib: 6144 - 512,
  };
  const host = qingtianHost({ coresPerNode: 8, nodes: 2, memoryMibPerNode: 3072, options });
  must(host, {
    kind: 'qingtian.reserve',
    conf: { hugepageSizeMib: 2, memoryMib: 512, cpuCount: 8 },
  });
  for (const cid of [4, 5]) startQingtian(host, cid);
  return host;
}

/** A VM across two nodes beside one on a single node. */
function vmsAcross(): Host {
  const host = vmHost();
  must(host, { kind: 'vm.launch', vcpus: 4, memoryMib: 200, nodes: 2 });
  must(host, { kind: 'vm.launch', vcpus: 2, memoryMib: 64, nodes: 1 });
  return host;
}

/** The last two numbers: damages, and how many of them break an invariant. */
const HOSTS: readonly (readonly [string, () => Host, readonly number[]])[] = [
  ['two QingTian enclaves', qingtianPair, [261, 218]],
  ['QingTian enclaves with everything at its bound', brimful, [417, 365]],
  ['two VMs', vmPair, [323, 259]],
  ['a VM across nodes', vmsAcross, [334, 271]],
];

/** What breaks no promise, and yet is left to the full check: books that agree less than they could. */
const LEFT_TO_THE_FULL_CHECK =
  /extent \d twice|donated \d by|first range twice|core \d (forgotten|without its last)/;

const AND_MORE: readonly (readonly [string, () => Host])[] = [
  ...HOSTS.map(([what, build]) => [what, build] as const),
  ['a QingTian enclave beside CPU ids that are not there', withGap],
];

describe.each(AND_MORE)('several damages at once: %s', (_, build) => {
  const sound = build();
  const damages = singleDamages(sound);

  it('never leave the silent pass certain where the full check finds a breach', () => {
    const some = fc.array(fc.nat(damages.length - 1), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(some, (chosen) => {
        const host = copyOf(sound);
        for (const one of chosen) makeIfPossible(host, damages[one].make);
        const breaches = breachesOf(host).map(({ message }) => message);
        if (looksSound(host)) expect(breaches).toEqual([]);
      }),
      { numRuns: scaledRuns(600) },
    );
  });
});

/** A damage may have nothing to change any more once another one was made. */
function makeIfPossible(host: Host, make: (host: Host) => unknown): void {
  try {
    make(host);
  } catch {
    // Whatever it changed before it gave up stays changed.
  }
}

describe.each(HOSTS)('a damage of one entry: %s', (_, build, counts) => {
  const sound = build();

  it('is seen by the silent pass exactly where the full check finds a breach', () => {
    const unlike: string[] = [];
    let broken = 0;
    const damages = singleDamages(sound);
    for (const { what, make } of damages) {
      const host = copyOf(sound);
      make(host);
      const breaches = breachesOf(host);
      if (breaches.length > 0) broken++;
      const certain = breaches.length === 0 && !LEFT_TO_THE_FULL_CHECK.test(what);
      if (looksSound(host) !== certain) {
        unlike.push(`${what}: ${breaches.map(({ message }) => message).join('; ') || 'sound'}`);
      }
    }
    expect(unlike).toEqual([]);
    expect([damages.length, broken]).toEqual(counts);
  });
});

describe('what a lost CPU would hide', () => {
  it('the floor of the parent’s vCPUs, with every CPU where it belongs', () => {
    const host = brimful();
    const more = { ...host, options: { ...host.options, parentVcpus: 25 } };
    expect([looksSound(host), looksSound(more)]).toEqual([true, false]);
    expect(breachesOf(more).map(({ invariant }) => invariant)).toEqual(['parent-floor']);
  });

  it('a CPU that the pool’s text names, that the parent has: also after another text was read', () => {
    const host = brimful();
    for (const uid of [0, 1]) must(host, { kind: 'qingtian.stop', uid });
    const { pool, online } = host.tree;
    expect(looksSound(host)).toBe(true);
    const at = pool.avail.findIndex((cpus) => cpus.length > 0);
    const [cpu] = pool.avail[at];
    pool.avail[at] = pool.avail[at].slice(1);
    online[cpu] = 1;
    expect(looksSound(host)).toBe(false);
    const other = brimful();
    for (const uid of [0, 1]) must(other, { kind: 'qingtian.stop', uid });
    const { text } = other.tree.pool;
    expect(looksSound(other)).toBe(true);
    other.tree.pool.text = `0,${text}`;
    expect(looksSound(other)).toBe(false);
  });
});
