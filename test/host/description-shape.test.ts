/** Descriptions with fields that are missing, that nobody reads, or of another type: each is named. */
import { describe, expect, it } from 'vitest';
import {
  type DescriptionProblem,
  describeHost,
  type HostDescription,
} from '../../core/host/describe.js';
import { profileIds } from '../../core/platform/names.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { vmProfile } from '../../core/platform/vm/profile.js';

const SPEC = {
  cores: [
    [0, 1],
    [2, 3],
    [4, 5],
  ],
  nodes: [{ id: 0, cpus: [0, 1, 2, 3, 4, 5] }],
};
const EIGHT_GIB = { profile: qingtianProfile(), topology: SPEC, memoryMib: [8192] };

function problemsOf(description: HostDescription): readonly DescriptionProblem[] {
  const described = describeHost(description);
  return 'problems' in described ? described.problems : [];
}

describe('description: of another shape', () => {
  type Given = readonly [what: string, given: unknown, path: string, message: string | RegExp];
  const of = (more: object) => ({ ...EIGHT_GIB, ...more });
  const cores = [[0, 1]];

  // Found bugs: fields that nobody reads were taken silently, others gave a TypeError.
  it.each<Given>([
    [
      'nothing',
      undefined,
      '',
      /^a description is a mapping of profile, type, topology, memoryMib,/,
    ],
    ['null', null, '', /^a description is a mapping/],
    ['a profile instead', 'qingtian', '', /^a description is a mapping/],
    [
      'null as profile',
      of({ profile: null }),
      'profile',
      'should be a profile, as findProfile gives it',
    ],
    [
      'a misspelt field',
      of({ memoryMiB: [1] }),
      'memoryMiB',
      /^is no field here; there are: profile, /,
    ],
    ['a number as type', { profile: vmProfile(), type: 5 }, 'type', 'should be a text'],
    [
      'a list as topology',
      of({ topology: [] }),
      'topology',
      /^should be a mapping of nrCpuIds, cores,/,
    ],
    [
      'no cores',
      of({ topology: { nodes: SPEC.nodes } }),
      'topology.cores',
      'should be a list of lists of CPU ids',
    ],
    [
      'cores of one list',
      of({ topology: { ...SPEC, cores: [0] } }),
      'topology.cores.0',
      'should be a list of CPU ids',
    ],
    [
      'CPUs as texts',
      of({ topology: { ...SPEC, offline: ['3'] } }),
      'topology.offline.0',
      'should be a number, not a text',
    ],
    [
      'a text as a node’s CPUs',
      of({ topology: { cores, nodes: [{ id: 0, cpus: '0-1' }] } }),
      'topology.nodes.0.cpus',
      'should be a list of CPU ids',
    ],
    [
      'one size for a list',
      of({ memoryMib: 8192 }),
      'memoryMib',
      'should be a list of MiB, one size for each node',
    ],
    [
      'a size as text',
      of({ memoryMib: ['8192'] }),
      'memoryMib.0',
      'should be a number, not a text',
    ],
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tried
    ['a hole in a list', of({ memoryMib: [, 8192] }), 'memoryMib.0', 'should be a number'],
    [
      'a hole as a number',
      of({ holesKib: [[5]] }),
      'holesKib.0.0',
      'should be a pair of whole KiB: start and length',
    ],
    [
      'a hole of one number',
      of({ holesKib: [[[5]]] }),
      'holesKib.0.0',
      'should be a pair of whole KiB: start and length',
    ],
    [
      'a run of texts',
      of({ holesKib: [[['0', '1']]] }),
      'holesKib.0.0',
      'should be a pair of whole KiB: start and length',
    ],
    [
      'a run of a number and a text',
      of({ holesKib: [[[0, '1']]] }),
      'holesKib.0.0',
      'should be a pair of whole KiB: start and length',
    ],
    [
      'a layout by name',
      of({ layout: 'fresh' }),
      'layout',
      'should be a mapping with a kind: fresh, uptime or explicit',
    ],
    [
      'null as layout',
      of({ layout: null }),
      'layout',
      'should be a mapping with a kind: fresh, uptime or explicit',
    ],
    [
      'a field of another layout',
      of({ layout: { kind: 'fresh', days: 3 } }),
      'layout.days',
      'is no field here; there are: kind',
    ],
    [
      'free runs of no pairs',
      of({ layout: { kind: 'explicit', freeKib: [[0]] } }),
      'layout.freeKib.0.0',
      'should be a pair of whole KiB: start and length',
    ],
    [
      'a misspelt fact',
      of({ parent: { flavour: 'c7e' } }),
      'parent.flavour',
      'is no field here; there are: flavor, region, os, bareMetal',
    ],
    ['another system', of({ parent: { os: 'bsd' } }), 'parent.os', 'should be linux or other'],
    [
      'a text as flag',
      of({ parent: { bareMetal: 'no' } }),
      'parent.bareMetal',
      'should be true or false',
    ],
    [
      'options as a list',
      of({ options: ['x'] }),
      'options',
      'should be a mapping of option names to values',
    ],
    [
      'a misspelt model',
      of({ hypervisor: { kind: 'isolated' } }),
      'hypervisor.kind',
      'should be permissive or isolating',
    ],
    [
      'half an enclave',
      of({ hypervisor: { maxEnclaves: 0.5 } }),
      'hypervisor.maxEnclaves',
      'should be a whole number from 0',
    ],
  ])('%s is told with its place', (_, given, path, message) => {
    const [first, ...others] = problemsOf(given as HostDescription);
    expect(first).toMatchObject({
      path,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
    expect(others).toEqual([]);
  });

  it('all that is wrong is told at once, with what may have been meant', () => {
    const nodes = [{ id: 0, cpu: [0, 1] }];
    const given = { ...EIGHT_GIB, topology: { cores, nodes }, extentpolicy: 'best-fit', day: 3 };
    const known =
      'profile, type, topology, memoryMib, holesKib, layout, extentPolicy, parent, options, hypervisor';
    expect(problemsOf(given as unknown as HostDescription)).toEqual([
      {
        path: 'extentpolicy',
        message: `is no field here; there are: ${known}`,
        suggestion: 'did you mean extentPolicy?',
      },
      { path: 'day', message: `is no field here; there are: ${known}` },
      {
        path: 'topology.nodes.0.cpu',
        message: 'is no field here; there are: id, cpus',
        suggestion: 'did you mean cpus?',
      },
      { path: 'topology.nodes.0.cpus', message: 'should be a list of CPU ids' },
    ]);
  });

  it('a profile by its name is told how it is had, another name with those that there are', () => {
    const suggested = (profile: unknown) =>
      problemsOf({ ...EIGHT_GIB, profile } as HostDescription)[0].suggestion;
    expect(suggested('qingtian@2022-11')).toBe("findProfile('qingtian@2022-11')");
    expect(suggested('qingtain')).toBe(`findProfile knows ${profileIds().join(', ')}`);
    expect(suggested({ id: 'vm' })).toBe(`findProfile knows ${profileIds().join(', ')}`);
  });

  it('a topology without memory, or with that of other nodes, is told in whole words', () => {
    const { profile, topology } = EIGHT_GIB;
    expect(problemsOf({ profile, topology })).toEqual([
      {
        path: 'memoryMib',
        message: 'a topology needs the usable MiB of each of its nodes',
        suggestion: 'give a list of 1 size',
      },
    ]);
    expect(problemsOf({ ...EIGHT_GIB, memoryMib: [1, 2] })).toEqual([
      {
        path: 'memoryMib',
        message: '2 memory sizes for 1 node',
        suggestion: 'give one size for each node, in their order',
      },
    ]);
    expect(problemsOf({ ...EIGHT_GIB, holesKib: [[], []] })).toMatchObject([
      { message: '2 lists of holes for 1 node' },
    ]);
    const layout = { kind: 'explicit', freeKib: [[], []] } as const;
    expect(problemsOf({ ...EIGHT_GIB, layout })).toMatchObject([
      { path: 'layout.freeKib', message: '2 lists of free memory for 1 node' },
    ]);
  });
});
