/**
 * Which launches of nitro-cli are decided at once, and which are left to the program.
 *
 * An engine relies on both: an ordinary one costs one decision, and a decision is what the program
 * would have done. Each row runs on twins (nitro-cli-pair.ts).
 */
import { describe, expect, it } from 'vitest';
import { launchAtOnce } from '../../core/device/nitro-cli/launch-at-once.js';
import { plainImage } from '../../core/device/nitro-cli/request.js';
import { planVcpus } from '../../core/device/nitro-cli/vcpu-plan.js';
import type { Command } from '../../core/host/command.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { putRecord } from '../../core/host/records.js';
import { runInPlace } from '../../core/host/step.js';
import { newEnclave } from '../../core/host/tree.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import type { SmallHost } from '../kit/hosts.js';
import { around, asking } from './nitro-cli-host.js';
import {
  type Around,
  type Asked,
  foreignUpTo,
  HUGE,
  LARGE,
  MIB,
  Pair,
  POOL,
  pair,
  type Reserved,
  SECOND_NODE,
  SMALL,
  scattered,
  USER_END,
} from './nitro-cli-pair.js';

const [TWO, FOUR] = [{ nodes: 2 }, { nodes: 4 }];
const THIRD_NODE = '4-5,12-13';
const ONLINE = { kind: 'nitro.hotplug', cpu: 1, online: true } as const;
/** Pages of 2 MiB, node by node. */
const small = (...counts: readonly number[]): Reserved =>
  counts.map((count, node) => [node, SMALL, count] as const);
/** Pages of the first node by size. */
const mixed = (large: number, little: number): Reserved => [
  [0, LARGE, large],
  [0, SMALL, little],
];
const under = (hypervisor: SmallHost['hypervisor']) =>
  pair(small(40), POOL, hypervisor === undefined ? {} : { hypervisor });
const imageOf = (bytes: number): Around => ({ image: plainImage(bytes) });
const signed = (signature: 'valid' | 'invalid'): Around => ({
  image: { ...plainImage(1), signature },
});
const large = { memoryMib: 100n };

/** All cores but the first in the pool, with 80 MiB of pages. */
function mixedCores(cores: readonly (readonly number[])[]): Host {
  const made = describeHost({
    profile: nitroProfile(),
    topology: { cores, nodes: [{ id: 0, cpus: cores.flat() }] },
    memoryMib: [512],
    layout: { kind: 'explicit', freeKib: [[[0, 524_288]]] },
  });
  if ('problems' in made) throw new Error(made.problems[0]?.message);
  const text = cores.slice(1).join();
  runInPlace(made.host, { kind: 'nitro.write-hugepages', node: 0, pageKib: SMALL, text: '40' });
  runInPlace(made.host, { kind: 'nitro.write-pool', text });
  return made.host;
}

describe('a launch is decided at once', () => {
  const elsewhere: Reserved = [
    [0, SMALL, 40],
    [1, HUGE, 1],
  ];
  const sizes = { pageSizesKib: [SMALL, HUGE] };
  const overshoot: Reserved = [
    [0, HUGE, 1],
    [0, SMALL, 10],
  ];
  it.each<[string, Pair, Asked?, Around?]>([
    ['with the least memory, to the last page', pair(small(32))],
    ['with pages left over', pair(small(40)), { memoryMib: 66n }],
    ['with an odd request rounded up', pair(small(40)), { memoryMib: 65n }],
    ['with large pages alone', pair(mixed(3, 0))],
    ['with one large page too many', pair(mixed(3, 0)), { memoryMib: 65n }],
    ['with pages of two sizes', pair(mixed(3, 9)), large],
    ['with small pages taken for nothing', pair(mixed(3, 1)), { memoryMib: 70n }],
    ['with fewer of a size than are there', pair(mixed(1, 40))],
    ['with pages that lie apart', scattered(small(60))],
    ['with large ones and some apart', scattered(mixed(1, 60)), large],
    ['with large ones apart', scattered(mixed(9, 60), LARGE), large],
    ['with a huge page in place of small ones', pair(overshoot, POOL, sizes)],
    ['with pages of 8 MiB', pair([[0, 8192, 9]], POOL, { pageSizesKib: [SMALL, 8192] })],
    ['with an image of one page', pair(small(40)), {}, imageOf(2 * MIB)],
    ['with a byte more', pair(small(40)), {}, imageOf(2 * MIB + 1)],
    ['with an empty image', pair(small(40)), {}, imageOf(0)],
    ['with a signed image', pair(small(40)), {}, signed('valid')],
    ['in debug mode', pair(small(40)), { debug: true, name: 'web' }],
    ['with three cores', pair(small(40)), { cpus: { count: 6 } }],
    ['with as many ranges as may be', under({ maxRanges: 32 })],
    ['on the second node', pair(small(0, 40), SECOND_NODE, TWO)],
    [
      'on the third, from the second',
      pair(small(0, 0, 40, 1), THIRD_NODE, FOUR),
      {},
      { localNode: 1 },
    ],
    ['on the second, from there', pair(small(40, 40), SECOND_NODE, TWO), {}, { localNode: 1 }],
    ['from a node without pages', pair(small(40), POOL, TWO), {}, { localNode: 1 }],
    ['from a node without memory', pair(small(40)), {}, { localNode: 7 }],
    ['from one of other sizes', pair(elsewhere, POOL, { ...TWO, ...sizes }), {}, { localNode: 1 }],
    ['with a CPU online where nobody minds', under({ kind: 'permissive' }).run(ONLINE)],
    ['to the end of user memory', pair(small(40)).run(foreignUpTo(USER_END - 64 * MIB))],
  ])('%s', (_, made, asked, env) => {
    expect(made.launch(asked, env)).toBe('planned');
  });

  it('again and again, with other cores, names and CIDs, until no core is left', () => {
    const made = pair(small(100));
    expect([1, 2, 3, 4].map(() => made.launch())).toEqual([
      ...['planned', 'planned', 'planned', 'E29 NE 272'],
    ]);
    expect(made.cli.running.map(({ name, cid, cpus }) => [name, cid, cpus])).toEqual([
      ['hello', 16, [1, 9]],
      ['hello_1', 17, [2, 10]],
      ['hello_2', 18, [3, 11]],
    ]);
  });
});

describe('a refusal is told at once', () => {
  it.each<[string, Pair, Asked?, Around?]>([
    ['E27', pair(small(31))],
    ['E27', pair(small(31)), { memoryMib: 2n ** 32n - 1n }],
    ['E26', pair(small(40)), {}, imageOf(17 * MIB)],
    ['E22', pair(small(40)), { cpus: { count: 7 } }],
    ['E19', pair(small(40)), {}, { moduleLoaded: false }],
    ['E19', pair(small(40)), {}, { deviceOpens: false }],
    ['E29 ENOSPC', under({ maxEnclaves: 0 })],
  ])('%s', (codes, made, asked, env) => {
    expect(made.launch(asked, env)).toBe(codes);
    expect(made.cli).toMatchObject({ nextPid: 1001, running: [] });
  });

  it('for the same request too, once the device, the module or the pool is gone', () => {
    const made = pair(small(200));
    const request = asking();
    const image = plainImage(MIB);
    const again = (env: Around = {}, on = made) => on.launchThis(request, { image, ...env });
    expect(again()).toBe('planned');
    expect(again({ deviceOpens: false })).toBe('E19');
    expect(again({ moduleLoaded: false })).toBe('E19');
    expect(again()).toBe('planned');
    expect(again({}, pair(small(200), ''))).toBe('E22');
    const larger = imageOf(17 * MIB);
    expect([again(larger), again(larger)]).toEqual(['E26', 'E26']);
    expect(made.launchThis(asking({ cpus: { count: 8 } }), { image })).toBe('E22');
  });
});

describe('a launch is left to the program', () => {
  const permissive = { hypervisor: { kind: 'permissive' } } as const;
  /** The core of an enclave comes back to a pool that was written with it meanwhile. */
  const JOINED: readonly Command[] = [
    { kind: 'nitro.create-vm', task: 7 },
    { kind: 'nitro.add-vcpu', slot: 1, task: 7, cpu: 1 },
    { kind: 'nitro.unbind' },
    ONLINE,
    { ...ONLINE, cpu: 9 },
    { kind: 'nitro.write-pool', text: '1-2,9-10' },
    { kind: 'nitro.bind' },
    { kind: 'nitro.close', slot: 1 },
  ];

  it('with more cores than are left', () => {
    const made = pair(small(100));
    expect([made.launch({ cpus: { count: 4 } }), made.launch({ cpus: { count: 4 } })]).toEqual([
      ...['planned', 'by steps'],
    ]);
  });

  it('with more cores than the table of the enclave has', () => {
    const cores = [[0, 1], [2, 3], [4], [5], [6], [7], [8]];
    const made = new Pair(() => mixedCores(cores));
    expect(made.host.tree.pool).toMatchObject({ parentCores: 4 });
    expect(made.host.tree.pool.avail).toHaveLength(6);
    expect(made.launch({ cpus: { count: 6 } })).toBe('by steps');
    const fewer = new Pair(() => mixedCores(cores));
    expect(fewer.launch({ cpus: { count: 5 } })).toBe('planned');
  });

  it.each<[string, Pair, Asked?, Around?]>([
    ['with named CPUs', pair(small(40)), { cpus: { ids: [1, 9] } }],
    ['with no CPU', pair(small(40)), { cpus: { count: 0 } }],
    ['with half a core', pair(small(40)), { cpus: { count: 1 } }],
    ['with a core and a half', pair(small(40)), { cpus: { count: 3 } }],
    ['with a CID', pair(small(40)), { cid: 20n }],
    ['with no memory', pair(small(40)), { memoryMib: 0n }, imageOf(0)],
    ['with less than the least memory', pair(small(40)), { memoryMib: 62n }],
    ['with 4 PiB', pair(small(40)), { memoryMib: 2n ** 32n }],
    ['without an image', pair(small(40)), {}, { image: undefined }],
    ['with a bad signature', pair(small(40)), {}, signed('invalid')],
    ['without a heartbeat', pair(small(40)), {}, { heartbeat: 'none' }],
    ['with one range too many', under({ maxRanges: 31 })],
    ['with a page before the pool’s node', pair(small(1, 40), SECOND_NODE, TWO)],
    [
      'with a page on some node before it',
      pair(small(1, 0, 40), THIRD_NODE, FOUR),
      {},
      { localNode: 1 },
    ],
    ['from a node that has a page', pair(small(40, 1), POOL, TWO), {}, { localNode: 1 }],
    ['with the last page on another node', pair(small(31, 1), POOL, TWO)],
    ['with a CPU of the pool online', pair(small(40)).run(ONLINE)],
    ['with a core of the pool online', pair(small(40)).run(ONLINE, { ...ONLINE, cpu: 9 })],
    ['with user memory full', pair(small(40)).run(foreignUpTo(USER_END - 62 * MIB))],
    [
      'with user memory full behind large pages',
      pair(mixed(3, 40)).run(foreignUpTo(USER_END - 126 * MIB)),
      { memoryMib: 128n },
    ],
    [
      'with a thread that is listed twice',
      pair(small(40), '1-2,9-10', permissive).run(...JOINED),
      { cpus: { count: 4 } },
    ],
    [
      'with a core that is one thread, listed twice',
      pair(small(40), '', permissive).run(
        { ...ONLINE, cpu: 9, online: false },
        { kind: 'nitro.write-pool', text: '1-2,10' },
        ...JOINED.slice(0, 4),
        { kind: 'nitro.write-pool', text: '1-2,10' },
        ...JOINED.slice(-2),
      ),
    ],
    ['with user memory at its end', pair(small(40)).run(foreignUpTo(USER_END))],
  ])('%s', (_, made, asked, env) => {
    expect(made.launch(asked, env)).toBe('by steps');
  });

  it('where the pool lists a core on which an enclave has a vCPU', () => {
    const { host } = pair(small(80));
    expect(planVcpus(host, 1, 2)?.cpus).toEqual([1, 9]);
    putRecord(host.tree, newEnclave({ uid: 5, vcpus: [9] }));
    expect(planVcpus(host, 1, 2)).toBeUndefined();
  });

  it('while another process listens on the ready port', () => {
    const made = pair(small(40));
    made.cli.readyListener = 7;
    expect(launchAtOnce(asking(), around(made.host, {}, made.cli))).toBeUndefined();
  });
});
