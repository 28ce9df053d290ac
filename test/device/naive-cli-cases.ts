/**
 * Random launches of run-enclave in the recorded format: pools, free pages by size and node, and a
 * request near what there is.
 *
 * Invariant: zeros drawn make a plain launch; page counts are near the edges the program has: the
 * request, four times the image, the 8 MiB offset, the most regions, the pool's node.
 */

import type { NaiveCliCase, NaiveCliHost } from './naive-cli.js';
import { list, unlist } from './naive-cpulist.js';
import { type Draw, once, pick } from './naive-draw.js';

const SIZES = ['2', '8', '16', '32', '256', '512', '1024', '2048', '16384'];

export function randomCliCase(draw: Draw): NaiveCliCase {
  const host = randomCliHost(draw);
  const memory = memoryText(draw, host);
  const cid = once(draw, 5)
    ? pick(draw, [4, 0, 1, 2, 3, 16, 4294967294, 4294967295, 4294967296, '0xffffffffffffffff'])
    : undefined;
  return {
    host,
    memory,
    eifBytes: imageBytes(draw, memory),
    cpus: askedCpus(draw, host),
    ...(cid === undefined ? {} : { cid }),
    ...(once(draw, 4) ? { debug: true } : {}),
  };
}

function randomCliHost(draw: Draw): NaiveCliHost {
  const threads = pick(draw, [2, 2, 1]);
  const nodeCount = pick(draw, [1, 2, 2, 3]);
  const perNode = 2 + draw(4);
  const coreCount = nodeCount * perNode;
  const block = draw(2) === 1;
  const cores = Array.from({ length: coreCount }, (_, core) =>
    Array.from({ length: threads }, (__, t) => (block ? core + t * coreCount : core * threads + t)),
  );
  const ofNode = (node: number) => cores.slice(node * perNode, (node + 1) * perNode);
  const poolNode = draw(nodeCount);
  const usable = ofNode(poolNode).filter((core) => !core.includes(0));
  const pool = list(usable.slice(0, 1 + draw(usable.length)).flat());
  const local = draw(3) === 0 ? poolNode : draw(nodeCount);
  return {
    cores: cores.map(list),
    nodes: Object.fromEntries(ofNodes(nodeCount, (node) => list(ofNode(node).flat()))),
    maxMemRegions: pick(draw, [4096, 4096, 512, 64, 8, 1, 0]),
    pool,
    pages: randomPages(draw, nodeCount, poolNode),
    local,
  };
}

function ofNodes<T>(count: number, value: (node: number) => T): [string, T][] {
  return Array.from({ length: count }, (_, node) => [`${node}`, value(node)]);
}

function randomPages(draw: Draw, nodeCount: number, poolNode: number): Record<string, number[]> {
  const usual = [
    ['2', '1024'],
    ['2', '32', '1024'],
    ['2', '512', '16384'],
    ['0.0625', '2', '4'],
  ];
  const odd = SIZES.filter(() => draw(3) === 0);
  const sizes = once(draw, 4) ? (odd.length > 0 ? odd : ['16']) : (usual[draw(10) % 4] ?? []);
  return Object.fromEntries(
    sizes.map((mib) => {
      const small = Number(mib) <= 16;
      const counts = Array.from({ length: nodeCount }, (_, node) => {
        if (node !== poolNode && draw(2) === 0) return 0;
        return small ? pick(draw, [40, 0, 1, 5, 100, 300, 32]) : pick(draw, [1, 0, 2, 3, 8]);
      });
      return [mib, counts];
    }),
  );
}

function memoryText(draw: Draw, host: NaiveCliHost): string {
  if (once(draw, 9)) {
    const junk = [
      '0',
      '',
      '-5',
      '0x40',
      '+64',
      ' 64',
      '64 ',
      '100_0',
      '٣',
      '64K',
      '64MB',
      '1.5',
      'M',
    ];
    const huge = ['8796093022207', '8796093022208', '17592186044415', '17592186044416', '1T', '2t'];
    const wraps = [
      '17592186044480',
      '18446744073709551615',
      '18446744073709551616',
      '9007199254740993',
    ];
    const units = ['17179869184G', '17179869185G', '16777216T', '16777217t', '0064', '064M', '1g'];
    const [text, ...rest] = [...junk, ...huge, ...wraps, ...units];
    return pick(draw, [text ?? '0', ...rest]);
  }
  const totals = Object.entries(host.pages).map(
    ([mib, counts]) => Number(mib) * counts.reduce((a, b) => a + b, 0),
  );
  const some = totals.filter(() => draw(2) === 0).reduce((a, b) => a + b, 0);
  const base = pick(draw, [64, some, some, draw(4096), 1, 16, 1024]);
  const mib = Math.max(1, Math.floor(base) + pick(draw, [0, 0, -1, 1, 2, -2, 100]));
  return `${mib}${pick(draw, ['', '', 'M', 'm'])}`;
}

/** Mostly small; else at the edges of a quarter of the memory, or of pages behind the offset. */
function imageBytes(draw: Draw, memory: string): number | string {
  const mib = 2 ** 20;
  const asked = Number.parseInt(memory, 10);
  const quarter = Number.isSafeInteger(asked * mib) ? Math.max(0, (asked * mib) / 4) : 4096;
  const edges = [quarter, quarter + 1, quarter - 1, Math.floor(quarter / 2)];
  const offsets = [
    0,
    1,
    8 * mib,
    8 * mib + 1,
    24 * mib,
    24 * mib + 1,
    56 * mib,
    2 * mib,
    2 * mib + 1,
  ];
  if (once(draw, 30)) return pick(draw, ['0x4000000000000000', '0x4000000000001000']);
  const usual = [4096, ...edges, ...offsets];
  return Math.max(0, Math.floor(usual[draw(usual.length)] ?? 4096));
}

function askedCpus(draw: Draw, host: NaiveCliHost): NaiveCliCase['cpus'] {
  const pool = unlist(host.pool);
  if (draw(3) !== 2) {
    const counts = [pool.length, pool.length, 1, 2, pool.length + 1, 0];
    return { count: counts[draw(counts.length)] ?? 1 };
  }
  const ids = pool.filter(() => draw(3) > 0);
  const whole = once(draw, 3) ? ids : pool;
  if (once(draw, 4)) whole.push(pick(draw, [999, 0, pool[0] ?? 1, 1]));
  return { ids: draw(2) === 1 ? whole.reverse() : whole };
}
