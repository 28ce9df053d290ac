/** The instance catalogue: its counts, the origin of each field, and the rules that fill gaps. */
import { describe, expect, it } from 'vitest';
import {
  CATALOGUE_SOURCES,
  findInstanceType,
  type InstanceType,
  listInstanceTypes,
  nearestInstanceTypes,
} from '../../core/topology/catalogue.js';
import { CATALOGUE_LINES } from '../../core/topology/catalogue-data.js';
import { formatCpulist, parseStrictCpulist } from '../../core/topology/cpulist.js';
import {
  inferUsableMib,
  topologyOf,
  USABLE_SHARES,
} from '../../core/topology/instance-topology.js';
import { siblingsOf } from '../../core/topology/topology.js';
import { editDistance } from '../../core/units/edit-distance.js';
import { expectSame } from '../expect-same.js';

const all = listInstanceTypes();

function named(name: string): InstanceType {
  const type = findInstanceType(name);
  if (!type) throw new Error(`${name} is not in the catalogue`);
  return type;
}

function known(name: string) {
  const answer = topologyOf(named(name));
  if (!answer.known) throw new Error(answer.reason);
  return answer;
}

describe('the catalogue', () => {
  it('holds 1373 types, 927 of them enclave-capable, each once and in name order', () => {
    const names = all.map((type) => type.name);
    expect(names).toHaveLength(1373);
    expect(listInstanceTypes({ enclaves: 'supported' })).toHaveLength(927);
    expect(listInstanceTypes({ enclaves: 'unsupported' })).toHaveLength(446);
    expect(names).toEqual([...new Set(names)].sort());
  });

  it('keeps which fields were measured and which inferred', () => {
    const count = (pass: (type: InstanceType) => boolean) => all.filter(pass).length;
    expect(count((type) => type.measured.includes('numaNodes'))).toBe(1303);
    expect(count((type) => type.measured.includes('numaCpus'))).toBe(1161);
    expect(count((type) => type.measured.includes('usableMibPerNode'))).toBe(1092);
    // The source infers 645 of them and says nothing of the others: none was measured.
    expect(count((type) => type.inferred.includes('siblings'))).toBe(
      count((type) => type.threadsPerCore > 1),
    );
    for (const type of all) {
      for (const field of ['numaNodes', 'numaCpus', 'usableMibPerNode'] as const) {
        expect(type.measured.includes(field)).toBe(type[field] !== undefined);
      }
      expect(type.measured.filter((field) => type.inferred.includes(field))).toEqual([]);
    }
    expect(Object.keys(CATALOGUE_SOURCES)).toEqual(['documented', 'numaCpus', 'usableMibPerNode']);
  });

  it('every line reads completely: eight columns, whole numbers', () => {
    for (const line of CATALOGUE_LINES.split('\n')) expectSame(line.split(' ').length, 8);
    for (const type of all) {
      const numbers = [type.cores, type.threadsPerCore, type.memoryMib, type.numaNodes ?? 1];
      for (const value of [...numbers, ...(type.usableMibPerNode ?? [])]) {
        expectSame(Number.isSafeInteger(value) && value > 0, true, type.name);
      }
      expectSame(type.numaCpus?.length ?? type.numaNodes, type.numaNodes);
      expectSame(type.usableMibPerNode?.length ?? type.numaNodes, type.numaNodes);
    }
  });

  it('bare-metal types are marked and never enclave-capable', () => {
    const metal = all.filter((type) => type.bareMetal);
    expect(metal).toHaveLength(152);
    expect(metal.filter((type) => type.enclaves === 'supported')).toEqual([]);
  });

  it('filters by name, support and architecture together', () => {
    const some = listInstanceTypes({
      nameContains: 'm6g.',
      enclaves: 'supported',
      architecture: 'arm64',
    });
    expect(some.map((type) => type.name)).toContain('m6g.16xlarge');
    expect(some.every((type) => type.name.startsWith('m6g.'))).toBe(true);
    expect(listInstanceTypes({ nameContains: 'm6g.', architecture: 'x86_64' })).toEqual([]);
  });

  it('suggests nothing where nothing is near, and what begins so', () => {
    const near = (name: string) => nearestInstanceTypes(name, 3).map((type) => type.name);
    for (const name of ['zzz', 'metal', '', 'm5.']) {
      expect(near(name), name).toEqual(name === 'm5.' ? ['m5.large', 'm5.metal', 'm5.xlarge'] : []);
    }
    // Of nine characters three may differ, and no more; of the longer name.
    expect(near('m5.mexyz')).toEqual([]);
    expect(near('m5.mexal')).toContain('m5.metal');
    expect(near('m5.metabcd')).toContain('m5.metal');
    expect(near('xx.4xlxrgx')).toEqual([]);
    for (const name of ['a1.xxxrge', 'a1.xlargexxx', 'a1.metxx']) {
      const found = nearestInstanceTypes(name, 1000);
      const naive = listInstanceTypes().filter(
        (type) =>
          type.name.startsWith(name) ||
          editDistance(name, type.name) / Math.max(name.length, type.name.length) < 1 / 3 + 1e-9,
      );
      expect(new Set(found.map((type) => type.name))).toEqual(
        new Set(naive.map((type) => type.name)),
      );
      expect(naive.length, name).toBeGreaterThan(0);
    }
  });

  it('suggests the nearest names for a misspelt one', () => {
    expect(findInstanceType('m5.16xlrage')).toBeUndefined();
    const names = nearestInstanceTypes('M5.16xlrage', 3).map((type) => type.name);
    expect(names).toHaveLength(3);
    expect(names[0]).toBe('m5.16xlarge');
  });
});

describe('layouts of types', () => {
  it('m5.16xlarge has two nodes, all of it measured', () => {
    const { topology, ...origins } = known('m5.16xlarge');
    expect(topology.nodes.map((node) => formatCpulist(node.cpus))).toEqual([
      '0-15,32-47',
      '16-31,48-63',
    ]);
    expect(siblingsOf(topology, 5)).toEqual([5, 37]);
    expect(origins).toEqual({
      known: true,
      nodeCpus: 'measured',
      siblings: 'inferred',
      usableMibPerNode: { mib: [126173, 126293], how: 'measured' },
    });
  });

  it('answers unknown, with a reason, for exactly the types nobody measured', () => {
    const unknown = all.filter((type) => !topologyOf(type).known);
    expect(unknown).toEqual(all.filter((type) => type.numaNodes === undefined));
    expect(unknown).toHaveLength(70);
    const capable = unknown.filter((type) => type.enclaves === 'supported');
    expect(capable).toHaveLength(28);
    expect(capable.map((type) => type.name)).toContain('f2.48xlarge');
    expect(topologyOf(named('c8ib.xlarge'))).toEqual({
      known: false,
      reason: expect.stringContaining('c8ib.xlarge'),
    });
    expect(topologyOf(named('mac1.metal'))).toEqual({
      known: false,
      reason: expect.stringContaining('macOS'),
    });
  });

  it('derives missing CPU ranges by the block rule and says so', () => {
    const { topology, nodeCpus, siblings } = known('m8ib.48xlarge');
    expect(topology.nodes.map((node) => formatCpulist(node.cpus))).toEqual([
      '0-31,96-127',
      '32-63,128-159',
      '64-95,160-191',
    ]);
    expect([nodeCpus, siblings]).toEqual(['inferred', 'inferred']);
    expect(known('c9g.large').siblings).toBe('documented');
  });

  it('every measured layout follows the block rule that fills the gaps', () => {
    const measured = all.filter((type) => type.numaCpus !== undefined);
    for (const type of measured) {
      const { numaCpus: _, ...withoutCpus } = type;
      const derived = topologyOf(withoutCpus);
      const lists = derived.known && derived.topology.nodes.map((node) => formatCpulist(node.cpus));
      expectSame(lists, type.numaCpus, type.name);
    }
  });

  it('Q26 holds: in every known layout the threads of a core share a node', () => {
    for (const type of all) {
      const answer = topologyOf(type);
      if (!answer.known) continue;
      const { topology, usableMibPerNode } = answer;
      expectSame(topology.nodes.length, usableMibPerNode.mib.length);
      expectSame(topology.cores.flat().length, type.vcpus);
      const split = topology.cores.filter(
        (core) => new Set(core.map((cpu) => topology.nodeOf[cpu])).size !== 1,
      );
      expectSame(split, [], type.name);
    }
  });

  it('arm64 parents offer 64 KiB and 32 MiB pages too', () => {
    expect(known('m6g.16xlarge').topology.pageSizesKib).toEqual([64, 2048, 32768, 1048576]);
  });
});

describe('usable memory that was not measured', () => {
  /** Installed MiB and usable MiB of each measured node of an enclave-capable type. */
  const nodes = all
    .filter((type) => type.enclaves === 'supported' && type.usableMibPerNode)
    .flatMap((type) =>
      (type.usableMibPerNode ?? []).map((usableMib) => ({
        installedMib: Math.floor(type.memoryMib / (type.numaNodes ?? 1)),
        usableMib,
      })),
    );

  it('uses the median share of the measured nodes of its size band', () => {
    let from = 0;
    for (const { upToMib, perMille } of USABLE_SHARES) {
      const shares = nodes
        .filter(({ installedMib }) => installedMib > from && installedMib <= upToMib)
        .map(({ installedMib, usableMib }) => Math.floor((usableMib * 1000) / installedMib))
        .sort((a, b) => a - b);
      expect(perMille).toBe(shares[Math.ceil(shares.length / 2) - 1]);
      from = upToMib;
    }
  });

  it('is within 2 % for 98 % of the measured nodes and within 3 % for all', () => {
    const errors = nodes.map(({ installedMib, usableMib }) =>
      Math.abs(inferUsableMib(installedMib) / usableMib - 1),
    );
    expect(errors.filter((error) => error <= 0.02).length / errors.length).toBeGreaterThan(0.98);
    expect(Math.max(...errors)).toBeLessThan(0.03);
  });

  it('is marked inferred', () => {
    expect(known('m5dn.8xlarge').usableMibPerNode).toEqual({ mib: [126746], how: 'inferred' });
    expect(parseStrictCpulist('0-31')).toEqual({
      cpus: known('m5dn.8xlarge').topology.nodes[0].cpus,
    });
  });

  it('is the share of what each of several nodes has installed', () => {
    const type = named('m5.16xlarge');
    const { usableMibPerNode: _measured, ...unmeasured } = type;
    const answer = topologyOf(unmeasured);
    // 256 GiB over two nodes: 96.7 % of 128 GiB each.
    const usableMibPerNode = { mib: [126746, 126746], how: 'inferred' };
    expect(answer).toMatchObject({ known: true, usableMibPerNode });
  });
});

describe('a type of somebody else’s', () => {
  const type = named('m5.16xlarge');

  it('has the nodes that its CPU lists say, however they lie', () => {
    const odd = topologyOf({ ...type, numaCpus: ['0-7,32-39', '8-31,40-63'] });
    if (!odd.known) throw new Error(odd.reason);
    expect(odd.topology.nodes.map(({ id, cpus }) => [id, formatCpulist(cpus)])).toEqual([
      [0, '0-7,32-39'],
      [1, '8-31,40-63'],
    ]);
  });

  it.each([
    [['0-3x', '4-7'], 'catalogue, m5.16xlarge: "0-3x" is not a CPU list'],
    [['0-31', '31-63'], 'catalogue, m5.16xlarge: CPU 31 is already on NUMA node 0'],
  ])('CPU lists that are none throw, with its name: %j', (numaCpus, message) => {
    expect(() => topologyOf({ ...type, numaCpus })).toThrow(message);
  });
});
