/**
 * Random hosts and allocator.yaml files for the reservation script, in the recorded format.
 *
 * Invariant: a case with nothing but zeros drawn is a plain host and a plain file; what is odd comes
 * up with small odds, each oddity alone or with others. Page sizes are the three sets of the format.
 */
import { list, unlist } from './naive-cpulist.js';
import { type Draw, once, pick } from './naive-draw.js';
import type { NaiveScriptHost } from './naive-script.js';
import type { NaiveMemory } from './naive-script-pages.js';

const GIB_KIB = 1048576;

export interface NaiveScriptCase {
  host: NaiveScriptHost;
  yaml: string;
}

export function randomScriptCase(draw: Draw): NaiveScriptCase {
  const host = randomScriptHost(draw);
  return { host, yaml: randomYaml(draw, host) };
}

const SIZES: readonly [number[], ...number[][]] = [
  [2048, 1048576],
  [2048, 1048576],
  [2048, 1048576],
  [2048, 1048576],
  [64, 2048, 32768, 1048576],
  [2048, 524288, 16777216],
];

function randomScriptHost(draw: Draw): NaiveScriptHost {
  const sizesKiB = pick(draw, SIZES);
  const x86 = sizesKiB[1] === GIB_KIB;
  const threads = x86 ? pick(draw, [2, 2, 1]) : 1;
  const nodeCount = pick(draw, [1, 1, 2, 2, 3, 4]);
  const perNode = 1 + draw(5) + (nodeCount === 1 ? 1 : 0);
  const coreCount = nodeCount * perNode;
  const block = draw(2) === 1;
  const cores = Array.from({ length: coreCount }, (_, core) =>
    Array.from({ length: threads }, (__, t) => (block ? core + t * coreCount : core * threads + t)),
  );
  const nodes: Record<string, string> = {};
  for (let node = 0; node < nodeCount; node++) {
    nodes[node] = list(cores.slice(node * perNode, (node + 1) * perNode).flat());
  }
  if (once(draw, 8)) nodes[nodeCount] = '';
  const present = coreCount * threads;
  const off = once(draw, 8) ? [1 + draw(present - 1), 1 + draw(present - 1)] : [];
  const mem = Object.keys(nodes).map((id) => [id, randomMemory(draw, sizesKiB)] as const);
  return {
    arch: x86 ? 'x86_64' : 'aarch64',
    nrCpuIds: present,
    cores: cores.map(list),
    nodes,
    ...(off.length > 0 ? { offline: list(off) } : {}),
    sizesKiB,
    mem: Object.fromEntries(mem),
    // Without the driver there is no pool from before.
    ...(once(draw, 40) ? { driver: false } : earlier(draw, cores, off, perNode)),
  };
}

/** A pool set before, and enclaves that run on it. */
function earlier(draw: Draw, cores: number[][], off: number[], perNode: number) {
  if (draw(3) !== 2) return {};
  const node = draw(Math.floor(cores.length / perNode));
  const some = cores
    .slice(node * perNode, (node + 1) * perNode)
    .filter((core) => !core.includes(0) && !core.some((cpu) => off.includes(cpu)));
  if (some.length === 0) return {};
  const prevPool = list(some.slice(0, 1 + draw(some.length)).flat());
  return { prevPool, ...(once(draw, 6) ? { enclaves: 1 + draw(2) } : {}) };
}

function randomMemory(draw: Draw, sizesKiB: number[]): NaiveMemory {
  const large = sizesKiB.at(-1) ?? GIB_KIB;
  const huge = large > GIB_KIB;
  if (!huge && once(draw, 4)) return breakable(draw);
  const totalKiB = huge ? pick(draw, [2, 1, 3]) * large : pick(draw, [4, 2, 1]) * GIB_KIB;
  const free: [number, number][] = [];
  let at = pick(draw, [0, 0, 64, 2048, 65536, 204800]);
  const extents = 1 + draw(5);
  for (let i = 0; i < extents && at < totalKiB; i++) {
    const whole = pick(draw, [large, large, 102400, 524288, 30720, 64, 2048]);
    const length = Math.min(
      totalKiB - at,
      whole * (1 + draw(3)) + pick(draw, [0, 64, 2048, 102400]),
    );
    free.push([at, length]);
    at += length + pick(draw, [64, 2048, 65536, 1048576]);
  }
  if (draw(3) === 0) return { totalKiB, free };
  const reserved: Record<string, [number, number]> = {};
  for (const size of sizesKiB) {
    if (draw(2) === 0) continue;
    const wanted = size === large ? 1 + draw(3) : pick(draw, [1, 5, 16, 64, 300]);
    reserved[size] = [wanted, once(draw, 5) ? 1 + draw(Math.min(wanted, 4)) : 0];
  }
  return Object.keys(reserved).length > 0 ? { totalKiB, free, reserved } : { totalKiB, free };
}

/** A 1 GiB page stands where, once it is given back, restored 2 MiB pages go first. */
function breakable(draw: Draw): NaiveMemory {
  const reserved: NaiveMemory['reserved'] = {
    '2048': [pick(draw, [32, 100, 128, 300]), 0],
    '1048576': [1 + draw(2), 0],
  };
  const free: NaiveMemory['free'] = [
    [2097152, 1048576],
    [3211264, 204800],
  ];
  return { totalKiB: 4194304, free, reserved };
}

function randomYaml(draw: Draw, host: NaiveScriptHost): string {
  const lines = [
    `memory_mib: ${memoryText(draw, host)}`,
    draw(2) === 0 ? `cpu_count: ${countText(draw, host)}` : `cpu_pool: ${poolText(draw, host)}`,
  ];
  if (draw(2) === 1) lines.reverse();
  const odd: [string, ...string[]] = [
    ...(['# comment', '#', '  # indented', '#memory_mib: 5'] as [string, ...string[]]),
    ...['memory_mib: 64', 'cpu_count: 2', 'cpu_pool: 1', 'cpu_count: 1', 'foo: 1', '', ' ', '---'],
    ...[
      'memory_mib:',
      'cpu_pool: ""',
      'MEMORY_MIB: 5',
      'cpu_count',
      ':',
      '-n',
      '-e',
      '\t#x',
      '--- ',
    ],
    ...['cpu_pool :1', 'memory_mib:\t64', 'memory_mib: "64"', 'memory_mib:"64"', 'cpu-count: 2'],
    ...[
      'cpu_count: 2 ',
      '\tcpu_count: 02',
      'memory_mib: 6\\4',
      'memory_mib: 6\\\n4',
      '- cpu_count: 2',
    ],
    ...[
      'memory_mib: a:64',
      'cpu_pool: 1-3:1/2',
      'memory_mib: 64\r',
      '"memory_mib": 64',
      '\r',
      '\r#',
    ],
  ];
  const oddities = draw(3) === 2 ? 1 + draw(3) : 0;
  for (let i = 0; i < oddities; i++) lines.splice(draw(lines.length + 1), 0, pick(draw, odd));
  const marker = once(draw, 25)
    ? pick(draw, ['', '--- ', ' ---', '---\r', '----', '# x\n---'])
    : '---';
  const end = once(draw, 20) ? '' : '\n';
  return [marker, ...lines].join(once(draw, 40) ? '\r\n' : '\n') + end;
}

/** Mostly about as much as the nodes have. */
function memoryText(draw: Draw, host: NaiveScriptHost): string {
  const mib = Object.values(host.mem).map(
    ({ free, totalKiB }) =>
      [free.reduce((sum, [, length]) => sum + length, 0) / 1024, totalKiB / 1024] as const,
  );
  const [had, total] = mib[draw(mib.length)] ?? [64, 1024];
  if (once(draw, 5)) {
    return pick(draw, [
      ...(['0', '08', '0999', '01000', '000', '0100', 'abc', '-5', '1.5', '0x40', '1e3', '+64'] as [
        string,
        ...string[],
      ]),
      ...['18446744073709551616', '18446744073709551617', '17592186044416', '9007199254740993'],
      ...['9223372036854775807', '8796093022207', '8796093022208', '17592186044415', '4294967296'],
      ...[
        '64 # MiB',
        '64 MiB',
        '"64',
        '6 4',
        '64G',
        '018446744073709551616',
        '0777777777777777777777',
      ],
      ...['02000000000000000000100', '8796093022209', '17592186044417', '000000000000000000000064'],
    ]);
  }
  const wanted = [
    64,
    Math.floor(had),
    Math.floor(had) + 2048,
    Math.floor(had / 2),
    1024,
    draw(Math.ceil(total)),
    3,
    1,
  ];
  return `${Math.max(0, (wanted[draw(wanted.length)] ?? 64) + pick(draw, [0, 0, 1, 2, 100, -1, -2, -64]))}`;
}

function countText(draw: Draw, host: NaiveScriptHost): string {
  const threads = unlist(host.cores[0] ?? '').length;
  if (once(draw, 3)) {
    const texts = ['0', '00', '02', '08', '09', '010', '-2', 'two', '2.0', '0x2', '2 # two', '"2"'];
    const large = [
      '9223372036854775807',
      '9223372036854775808',
      '18446744073709551618',
      '012',
      '04',
    ];
    return pick(draw, ['1', ...texts, ...large]);
  }
  return `${threads * (1 + draw(host.cores.length)) + (once(draw, 10) ? 1 : 0)}`;
}

function poolText(draw: Draw, host: NaiveScriptHost): string {
  const filled = Object.values(host.nodes).filter((text) => text !== '');
  const ids = unlist(filled[draw(filled.length)] ?? '');
  const whole = host.cores.map(unlist).filter((core) => core.every((cpu) => ids.includes(cpu)));
  const usable = whole.filter((core) => !core.includes(0) || once(draw, 25));
  const some = usable.filter(() => draw(3) > 0);
  const cpus = (some.length > 0 ? some : usable).flat();
  const plain = once(draw, 3) ? cpus.reverse().join(',') : list(cpus);
  if (draw(2) === 0) return plain === '' ? '1' : plain;
  const [first = 1] = cpus;
  const parts = plain.split(',');
  const fit = [`${plain},`, `,${plain}`, parts.join(', '), parts.join(' '), parts.join(' ,')];
  const dressed = [
    `"${plain}"`,
    `${plain} # cpus`,
    `${plain},${plain}`,
    `0${plain}`,
    `  ${plain} `,
  ];
  const named = ['N', '1-N', 'all', 'a-b', '3-1', '1;3', '0', '0-1', '-n', '-e 1', '-n 1', '+1'];
  const strides = [`${first}-N:1/1`, '2-9:1/2', `${first}-${first}`, `${first},N`, '4294967295'];
  const long = [`${plain}${','.repeat(520)}`, '99999', '4294967296', '1-', '-', '1--2', '1 - 2'];
  const groups = [fit, dressed, fit, named, fit, strides, long];
  const [plainest = plain, ...others] = groups[draw(groups.length)] ?? [];
  return pick(draw, [plainest, ...others]);
}
