/**
 * Random hosts and calls for the driver, in the recorded format: mostly calls that mean something to
 * the naive driver's present state, now and then nonsense of every kind.
 *
 * Invariant: no call that makes the real kernel crash (a request without the device, a close that
 * returns cores to a table that is gone), and no host the driver overruns its own arrays on.
 */
import { unlist } from './naive-cpulist.js';
import type { naiveDriver } from './naive-driver.js';
import type { NaiveHost, NaiveOp } from './naive-state.js';

export type Draw = (below: number) => number;
type Driver = ReturnType<typeof naiveDriver>;

const MIB2 = 2097152;
const GIB = 1073741824;
const U64_MAX = '0xffffffffffffffff';

export function randomHost(draw: Draw): NaiveHost {
  const threads = draw(4) === 0 ? 1 : 2;
  const coreCount = 2 + draw(9);
  const block = draw(2) === 0;
  const nodeCount = 1 + draw(3);
  const perNode = Math.ceil(coreCount / nodeCount);
  const cores: string[] = [];
  const nodes: Record<string, number[]> = {};
  for (let core = 0; core < coreCount; core++) {
    const cpus = Array.from({ length: threads }, (_, t) =>
      block ? core + t * coreCount : core * threads + t,
    );
    cores.push(cpus.join(','));
    const node = Math.floor(core / perNode);
    const id = draw(12) === 0 && core > 0 ? -1 : node;
    nodes[id] = [...(nodes[id] ?? []), ...cpus];
  }
  const present = coreCount * threads;
  const nrCpuIds = present + (draw(3) === 0 ? draw(4) : 0);
  const off = draw(4) === 0 ? [1 + draw(present - 1)] : [];
  return {
    nrCpuIds,
    cores,
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([id, cpus]) => [id, cpus.sort((a, b) => a - b).join(',')]),
    ),
    maxMemRegions: [1, 2, 3, 5, 16, 1024][draw(6)] ?? 16,
    ...(off.length > 0 ? { offline: off.join(',') } : {}),
  };
}

/** The next call; undefined = the one drawn would crash the kernel here. */
export function randomOp(host: NaiveHost, driver: Driver, draw: Draw): NaiveOp | undefined {
  const op = drawOp(host, driver, draw);
  return crashes(op, driver) ? undefined : op;
}

function crashes(op: NaiveOp, driver: Driver): boolean {
  const touchesDevice = ['createVm', 'addVcpu', 'setUserMemoryRegion', 'startEnclave', 'ioctl'];
  if (!driver.bound() && (touchesDevice.includes(op[0]) || op[0] === 'close')) return true;
  const closed = driver.enclaves().find((e) => e.fd === op[1]);
  if (op[0] !== 'close' || closed === undefined) return false;
  return closed.cores.length > driver.pool().parentCores;
}

function drawOp(host: NaiveHost, driver: Driver, draw: Draw): NaiveOp {
  const open = driver.enclaves().filter((e) => e.fd >= 0);
  const enclave = open[draw(Math.max(1, open.length))];
  const fd = draw(25) === 0 ? draw(7) : (enclave?.fd ?? 4);
  const mm = draw(20) === 0 ? [{ mm: 1 }] : enclave?.mm === 1 ? [{ mm: 1 }] : [];
  const options = draw(18) === 0 ? [{ ...mm[0], fault: draw(2) === 0 ? 'in' : 'out' }] : mm;
  const first = driver.pool().avail.length === 0;
  if (first && draw(3) > 0) return ['setCpuPool', poolText(host, driver, draw)];
  if (open.length === 0 && driver.bound() && draw(3) > 0) return ['createVm', ...options];
  switch (draw(30)) {
    case 0:
      return ['setCpuPool', poolText(host, driver, draw), ...(draw(8) ? [] : [{ cap: false }])];
    case 1:
    case 2:
      return ['createVm', ...(draw(6) === 0 ? [{ mm: 1 }] : options)];
    case 3:
      return ['getImageLoadInfo', fd, u64(draw), ...options];
    case 4: {
      const mapping = driver.mappings()[draw(9)];
      return mapping === undefined ? ['pciProbe'] : ['munmap', hex(mapping.at)];
    }
    case 5:
      return ['close', fd];
    case 6:
      return ['exitEvent', enclave?.uid ?? draw(4), draw(5) === 0 ? 2 : 65535];
    case 7:
      return ['poll', fd];
    case 8:
      return draw(3) === 0
        ? ['ioctl', fd, [0, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0xff][draw(9)] ?? 0]
        : ['cpuHotplug', draw(host.nrCpuIds), draw(2)];
    case 9:
    case 10:
      return ['failNext', KINDS[draw(KINDS.length)] ?? 'GUP', ERRNOS[draw(8)] ?? 5, 1 + draw(3)];
    case 11:
      return draw(4) === 0 ? ['pciRemove'] : ['pciProbe'];
    case 12:
    case 13:
    case 14:
    case 15:
      return mmap(driver, draw);
    case 16:
    case 17:
    case 18:
    case 19:
    case 20:
    case 21:
      return setMemory(driver, draw, fd, options);
    case 22:
    case 23:
    case 24: {
      const cids = [0, 0, 0, 4, 16, 17, 1, 2, 3, 4294967295, 4294967294, 4294967296, U64_MAX];
      return ['startEnclave', fd, cids[draw(13)] ?? 0, draw(9) === 0 ? u64(draw) : 0, ...options];
    }
    default: {
      const ids = [4294967295, 4294967294, host.nrCpuIds - 1, host.nrCpuIds];
      const id = draw(5) === 0 ? (ids[draw(4)] ?? 0) : draw(4) === 0 ? draw(host.nrCpuIds) : 0;
      return ['addVcpu', fd, id, ...options];
    }
  }
}

const KINDS = (
  'SLOT_ALLOC SLOT_ADD_VCPU SLOT_ADD_MEM ENCLAVE_START ENCLAVE_STOP SLOT_FREE SLOT_INFO ' +
  'CPU_OFFLINE CPU_ONLINE GUP FD ANON_INODE'
).split(' ');
const ERRNOS = [1, 5, 11, 12, 14, 16, 110, 133];

function u64(draw: Draw): number | string {
  return [0, 1, 1, 1, 2, 3, '0x100000000', U64_MAX][draw(8)] ?? 0;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function poolText(host: NaiveHost, driver: Driver, draw: Draw): string {
  if (draw(6) === 0) return junkText(host, draw);
  const ids = Object.entries(host.nodes).filter(([, cpus]) => cpus !== '');
  const [, text = ''] = ids[draw(ids.length)] ?? [];
  const cpus = unlist(text).filter((cpu) => draw(30) > 0 || driver.online(cpu));
  const [core0 = ''] = host.cores;
  const whole = host.cores.map(unlist).filter((core) => core.every((cpu) => cpus.includes(cpu)));
  const allowed = whole.filter((core) => core.join(',') !== core0 || draw(20) === 0);
  const some = allowed.filter(() => draw(3) > 0);
  const taken = (some.length === 0 && draw(9) > 0 ? allowed : some)
    .flat()
    .filter((cpu) => driver.online(cpu) || draw(20) === 0)
    .sort((a, b) => (draw(10) === 0 ? b - a : a - b));
  const end = draw(3) === 0 ? '' : '\n';
  const padding = draw(40) === 0 ? ' '.repeat(500 + draw(14)) : '';
  return `${taken.join(',')}${padding}${end}`;
}

function junkText(host: NaiveHost, draw: Draw): string {
  const last = host.nrCpuIds - 1;
  const parts = [
    ...['N', '1-N', 'all', 'ALL:1/2', '1-3:0/2', '1-3:2/1', `${last}`, `${last + 1}`, '3-1', ''],
    ...['4294967295', '4294967296', '1-4294967295', '0', '1', '2-3', '1:1/2', '1-', '-1', 'x'],
    ...['1-3:1/2x', '1-3:1/2\n2', '2 3', '2\n3', '2,,3', '\t2', '1-5:4/', '1-5:/2', 'n', 'aLL:0/1'],
  ];
  const count = 1 + draw(3);
  return Array.from({ length: count }, () => parts[draw(parts.length)]).join(
    [',', ' ', ', ', '\n', ''][draw(5)],
  );
}

/** Where mappings may lie: eight places far enough apart. */
const BASE = 0x7f0000000000;

function mmap(driver: Driver, draw: Draw): NaiveOp {
  const node = draw(9) === 0 ? draw(3) - 1 : driver.pool().node;
  const [pageSize, most] = (
    [
      [MIB2, 40],
      [MIB2, 40],
      [16 * MIB2, 4],
      [GIB, 2],
      [65536, 4],
      [4096, 2],
    ] as const
  )[draw(6)] ?? [MIB2, 4];
  const place = BASE + draw(8) * 8 * GIB;
  if (driver.mappings().some((m) => m.at === BigInt(place))) return ['munmap', hex(BigInt(place))];
  const runs: [string, number][] = [];
  let phys = 0x100000000 + draw(64) * GIB + (draw(30) === 0 ? 4096 : 0);
  for (let i = 0, n = 1 + draw(3); i < n; i++) {
    const count = 1 + draw(most);
    runs.push([hex(BigInt(phys)), count]);
    phys += draw(2) === 0 ? count * pageSize : -(draw(2) === 0 ? pageSize : 8 * GIB);
    if (phys < 0) phys = 0x200000000;
  }
  return ['mmap', hex(BigInt(place)), pageSize, node, draw(20) === 0 ? 0 : 1, runs];
}

function setMemory(
  driver: Driver,
  draw: Draw,
  fd: number,
  options: readonly { [key: string]: number | string }[],
): NaiveOp {
  const given = driver.mappings();
  const m = given[draw(Math.max(1, given.length))];
  const base = m?.at ?? BigInt(BASE);
  const whole = m === undefined ? MIB2 : Number(m.pageSize) * m.phys.length;
  const at = base + BigInt(draw(4) === 0 ? draw(4) * MIB2 : draw(30) === 0 ? 4096 : 0);
  const sizes = [whole, whole, whole, MIB2, 2 * MIB2, 0, 4096, whole + MIB2, 512 * GIB];
  const odd = [U64_MAX, '0x7ffffffff000', '0x8000000000000000', hex(512n * BigInt(GIB) + 2097152n)];
  const size = draw(25) === 0 ? (odd[draw(4)] ?? 0) : (sizes[draw(9)] ?? MIB2);
  const place = draw(25) === 0 ? (odd[draw(3)] ?? 0) : hex(at);
  const flags = draw(25) === 0 ? u64(draw) : 0;
  return ['setUserMemoryRegion', fd, flags, place, size, ...options];
}
