/**
 * Every kind of command as text, with all its fields: what may be left out, what each field takes, and
 * that everything else is told by the field's name.
 */
import { describe, expect, it } from 'vitest';
import type { AnswerKind, CommandKind } from '../../core/host/command.js';
import { COMMAND_KINDS, readCommand } from '../../core/host/command-fields.js';

/** Values that a field of this sort takes, and some that it does not. */
interface Sort {
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
}

const FOREIGN = ['x', true, null, [], {}];
const whole: Sort = {
  good: [0, 7, 2 ** 53 - 1],
  bad: [-1, 0.5, 2 ** 53, Number.NaN, '7', null, [], {}],
};
const node: Sort = { good: [-1, 0, 3], bad: [-2, 0.5, '0', null] };
const task: Sort = { good: [0, 2 ** 22], bad: [-1, 2 ** 22 + 1, '1', null] };
const text: Sort = { good: ['', '1-3'], bad: [1, true, null, [], {}] };
const flag: Sort = { good: [true, false], bad: [0, 1, 'true', null, [], {}] };
const u64: Sort = {
  good: [0, 5, '0n', '18446744073709551615n', '00000000000000000007n'],
  bad: [
    -1,
    0.5,
    2 ** 53,
    '5',
    'n',
    '-5n',
    '5n5n',
    '18446744073709551616n',
    '000000000000000000007n',
    ...FOREIGN,
  ],
};
const fault: Sort = { good: ['in', 'out'], bad: ['', 'inout', 1, ...FOREIGN] };
const slotCalls: readonly AnswerKind[] = [
  ...(['SLOT_ALLOC', 'SLOT_ADD_VCPU', 'SLOT_ADD_MEM', 'ENCLAVE_START', 'ENCLAVE_STOP'] as const),
  ...(['SLOT_FREE', 'SLOT_INFO', 'CPU_OFFLINE', 'CPU_ONLINE', 'GUP', 'FD', 'ANON_INODE'] as const),
];
const answers: Sort = {
  good: [{}, ...slotCalls.map((kind) => ({ [kind]: { nth: 0, errno: 12 } }))],
  bad: [
    ...['x', 7, null, []],
    { SLOT_NONE: { nth: 1, errno: 1 } },
    { GUP: { nth: -1, errno: 1 } },
    { GUP: { nth: 1, errno: 0 } },
    { GUP: { nth: 1, errno: 1.5 } },
    { GUP: { nth: 1 } },
    { GUP: { errno: 1 } },
    { GUP: { nth: 1, errno: 1, more: 1 } },
    { GUP: 5 },
  ],
};
const runs: Sort = {
  good: [
    [],
    [[0, 1]],
    [
      [4096, 2],
      [8192, 1],
    ],
  ],
  bad: [7, 'x', null, {}, [[0]], [[0, 1, 2]], [[0, -1]], [[-1, 1]], [0, 1], [[0, '1']]],
};
const ids: Sort = { good: [[], [3], [3, 3, 0]], bad: [3, '3', null, {}, [-1], ['3'], [0.5]] };
const uid = whole;

const imageOf = (part: object) => ({
  bytes: 1,
  sections: ['kernel'],
  os: 'linux',
  kind: 'eif',
  ...part,
});
const requestOf = (part: object, image: object = imageOf({})) => {
  return { image, vcpus: 2, memoryMib: 64, cid: 4, debug: false, defaulted: [], ...part };
};
const { image: _image, ...imageless } = requestOf({});
const request: Sort = {
  good: [
    requestOf({}),
    requestOf({ defaulted: ['cid', 'vcpus'], debug: true }),
    requestOf({}, imageOf({ sections: [], os: 'other', kind: 'container' })),
    requestOf({}, imageOf({ sections: ['init', 'cmdline', 'ramdisk', 'kernel'] })),
  ],
  bad: [
    ...[7, 'x', null, [], {}, imageless],
    ...['vcpus', 'memoryMib', 'cid'].map((key) => requestOf({ [key]: -1 })),
    ...[{ debug: 1 }, { defaulted: [1] }, { defaulted: 'cid' }, { more: 1 }].map((part) =>
      requestOf(part),
    ),
    ...[
      { bytes: -1 },
      { sections: ['boot'] },
      { sections: 'kernel' },
      { os: 'windows' },
      { kind: 'tar' },
      { more: 1 },
      { bytes: undefined },
    ].map((part) => requestOf({}, imageOf(part))),
  ],
};
const conf: Sort = {
  good: [{}, { hugepageSizeMib: 2, memoryMib: 4, cpuCount: 2 }, { cpuList: [1, 2] }],
  bad: [
    ...[7, 'x', null, []],
    ...['hugepageSizeMib', 'memoryMib', 'cpuCount'].map((key) => ({ [key]: -1 })),
    { cpuList: 3 },
    { cpuList: [-1] },
    { more: 1 },
  ],
};

type Fields = Readonly<Record<string, Sort>>;

/** What a kind needs, and what it takes besides. */
type Shape = readonly [needed: Fields, optional: Fields];

const onUid: Shape = [{ uid }, { accepted: flag }];
const BARE: Shape = [{}, {}];

const SHAPES: Readonly<Record<CommandKind, Shape>> = {
  'parent.boot': BARE,
  'parent.stop': BARE,
  'parent.terminate': BARE,
  'parent.crash': BARE,
  'parent.set-online': [{ cpu: whole, online: flag }, {}],
  'nitro.write-pool': [{ text }, { capable: flag, answers }],
  'nitro.write-hugepages': [{ node: whole, pageKib: whole, text }, {}],
  'nitro.create-vm': [{ task }, { fault, answers }],
  'nitro.add-vcpu': [
    { slot: whole, task, cpu: whole },
    { fault, answers },
  ],
  'nitro.image-load-info': [{ slot: whole, flags: u64 }, { fault }],
  'nitro.set-memory': [
    { slot: whole, task, flags: u64, address: u64, bytes: u64 },
    { fault, answers },
  ],
  'nitro.start': [
    { slot: whole, cid: u64, flags: u64 },
    { fault, answers },
  ],
  'nitro.close': [{ slot: whole }, { answers }],
  'nitro.exit-event': [{ slot: whole, state: whole }, { answers }],
  'nitro.poll': [{ slot: whole }, {}],
  'nitro.hotplug': [{ cpu: whole, online: flag }, {}],
  'nitro.unbind': BARE,
  'nitro.bind': BARE,
  'nitro.map-foreign': [{ task, address: whole, pageBytes: whole, huge: flag, node, runs }, {}],
  'nitro.map-page': [{ task, pageKib: whole }, {}],
  'nitro.touch': [{ address: whole, localNode: node }, {}],
  'nitro.unmap': [{ address: whole }, {}],
  'qingtian.reserve': [{ conf }, {}],
  'qingtian.unreserve': BARE,
  'qingtian.define': [{ request }, { capacity: flag, accepted: flag }],
  'qingtian.launch': [{ request }, {}],
  'qingtian.map': onUid,
  'qingtian.add-memory': onUid,
  'qingtian.load-image': onUid,
  'qingtian.add-cpu': onUid,
  'qingtian.start': onUid,
  'qingtian.heartbeat': onUid,
  'qingtian.stop': onUid,
  'qingtian.crash': onUid,
  'qingtian.console-open': onUid,
  'qingtian.console-read': onUid,
  'qingtian.console-close': onUid,
  'vm.launch': [
    { vcpus: whole, memoryMib: whole, nodes: whole },
    { on: ids, blind: flag },
  ],
  'vm.terminate': [{ uid }, {}],
  'vm.crash': [{ uid }, {}],
};

const firstOf = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).map(([key, { good }]) => [key, good[0]]));

/** The fields named by what is wrong; 'fine' for a command. */
function told(value: unknown): unknown {
  const read = readCommand(value);
  return 'command' in read ? 'fine' : read.problems.map(({ path }) => path.join('.'));
}

describe.each(Object.entries(SHAPES))('%s as text', (kind, [needed, optional]) => {
  const least = { kind, ...firstOf(needed) };
  const full = { ...least, ...firstOf(optional) };

  it('is a command with all its fields, with those it needs, and with no other', () => {
    expect([told(full), told(least)]).toEqual(['fine', 'fine']);
    for (const key of Object.keys(needed)) {
      const { [key]: _, ...rest } = full as Record<string, unknown>;
      expect(told(rest), key).toEqual([key]);
    }
    expect(told({ ...full, more: 1, toString: 2 })).toEqual(['more', 'toString']);
  });

  it.each(Object.entries({ ...needed, ...optional }))(
    '%s takes what is of its sort only',
    (key, sort) => {
      for (const value of sort.good)
        expect(told({ ...full, [key]: value }), JSON.stringify(value)).toBe('fine');
      for (const value of sort.bad) {
        const paths = [told({ ...full, [key]: value })].flat();
        expect(
          new Set(paths.map((path) => `${path}`.split('.')[0])),
          JSON.stringify(value),
        ).toEqual(new Set([key]));
      }
    },
  );
});

describe('kinds of commands', () => {
  it('are these, and each is read back as it was written', () => {
    expect([...COMMAND_KINDS].sort()).toEqual(Object.keys(SHAPES).sort());
    expect(readCommand({ kind: 'nitro.poll', slot: 3 })).toEqual({
      command: { kind: 'nitro.poll', slot: 3 },
    });
    const start = { kind: 'nitro.start', slot: 1, cid: '18446744073709551615n', flags: 7 };
    expect(readCommand(start)).toEqual({ command: { ...start, cid: 2n ** 64n - 1n, flags: 7n } });
    expect(readCommand({ kind: 'nitro.write-pool', text: '5n' })).toEqual({
      command: { kind: 'nitro.write-pool', text: '5n' },
    });
  });

  it.each([null, 7, 'x', [], undefined])('%j is no command', (value) => {
    expect(told(value)).toEqual(['']);
  });

  it.each([{}, { kind: 7 }, { kind: 'toString' }, { kind: ['parent.stop'] }])(
    '%j has no kind',
    (value) => {
      expect(told(value)).toEqual(['kind']);
    },
  );
});
