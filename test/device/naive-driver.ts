/**
 * The Nitro driver a second time, written from the conformance format alone, as the C code goes:
 * arrays of thread sets, one long function a call.
 *
 * Invariant: shares no code with core/ or scenarios/; a failed call leaves
 * what the C code leaves. Trade-off: no speed, no reuse, no names for rules.
 */
import { parseList, unlist } from './naive-cpulist.js';
import type { Dict, Json, NaiveEnclave, NaiveHost, NaiveMapping } from './naive-state.js';

const MIB2 = 2097152n;
export const hex = (value: bigint): string => `0x${value.toString(16)}`;

export function naiveDriver(host: NaiveHost) {
  const cores = host.cores.map(unlist);
  const coreOf = new Map(cores.flatMap((core) => core.map((cpu) => [cpu, core] as const)));
  const nodeOf = new Map(
    Object.entries(host.nodes).flatMap(([id, text]) =>
      unlist(text).map((cpu) => [cpu, Number(id)] as const),
    ),
  );
  const offline = new Set(unlist(host.offline ?? ''));
  for (let cpu = 0; cpu < host.nrCpuIds; cpu++) if (!coreOf.has(cpu)) offline.add(cpu);
  let pool = { tpc: 0, parentCores: 0, node: 0, avail: [] as Set<number>[] };
  let param = '';
  let pinned = 0;
  let bound = 1;
  let nextSlot = 1;
  let nextCid = 16;
  /** Newest first. */
  let enclaves: NaiveEnclave[] = [];
  const deviceState = new Map<number, number>();
  let mappings: NaiveMapping[] = [];
  const faults = new Map<string, { errno: number; k: number }>();
  const hv: Json[] = [];

  const fails = (kind: string): number => {
    const fault = faults.get(kind);
    if (fault === undefined) return 0;
    fault.k -= 1;
    if (fault.k > 0) return 0;
    faults.delete(kind);
    return -fault.errno;
  };
  const ask = (kind: string, ...request: Json[]): number => {
    const rc = fails(kind);
    hv.push(rc < 0 ? [...request, rc] : request);
    return rc;
  };
  const siblings = (cpu: number) => (coreOf.get(cpu) ?? []).filter((c) => !offline.has(c));
  const addCpu = (cpu: number) => {
    if (fails('CPU_ONLINE') === 0) offline.delete(cpu);
  };
  const tearDown = () => {
    for (const core of pool.avail) for (const cpu of [...core].sort((a, b) => a - b)) addCpu(cpu);
    pool = { tpc: 0, parentCores: 0, node: -1, avail: [] };
  };

  function setCpuPool(text: string, cap: boolean): Dict {
    if (!cap) return { rc: -1, why: 'no-cap' };
    if (enclaves.some((e) => e.listed === 1)) return { rc: -1, why: 'in-use' };
    tearDown();
    param = '';
    const ids = parseList(text, host.nrCpuIds);
    if (typeof ids === 'number') return { rc: ids, why: 'parse' };
    const [first] = ids;
    if (first === undefined) return { rc: -22, why: 'empty' };
    if (ids.some((cpu) => offline.has(cpu))) return { rc: -22, why: 'offline-cpu' };
    const node = nodeOf.get(first) ?? -1;
    if (node < 0) return { rc: -22, why: 'no-node' };
    if (ids.some((cpu) => (nodeOf.get(cpu) ?? -1) !== node)) return { rc: -22, why: 'mixed-nodes' };
    if (first === 0) return { rc: -22, why: 'cpu0' };
    if (siblings(0).some((cpu) => ids.includes(cpu))) return { rc: -22, why: 'cpu0-sibling' };
    for (const cpu of ids) {
      if (siblings(cpu).some((c) => !ids.includes(c))) return { rc: -22, why: 'partial-core' };
    }
    const tpc = siblings(first).length;
    const avail: Set<number>[] = [];
    for (const cpu of ids) {
      if (!avail.some((core) => core.has(cpu))) avail.push(new Set(siblings(cpu)));
    }
    for (const cpu of ids) {
      const rc = fails('CPU_OFFLINE');
      if (rc < 0) {
        for (const back of ids) addCpu(back);
        return { rc, why: 'offline-failed' };
      }
      offline.add(cpu);
    }
    pool = { tpc, parentCores: Math.floor(host.nrCpuIds / tpc), node, avail };
    if (text.length >= 512) {
      tearDown();
      return { rc: -28, why: 'string-too-long' };
    }
    param = text;
    return { rc: 0 };
  }

  function createVm(mm: number, fault?: string): Dict {
    if (pool.avail.every((core) => core.size === 0)) return { rc: -272 };
    const noFd = fails('FD') || fails('ANON_INODE');
    if (noFd < 0) return { rc: noFd };
    const rc = ask('SLOT_ALLOC', 'ALLOC');
    if (rc < 0) return { rc };
    const uid = nextSlot++;
    let fd = 4;
    while (enclaves.some((e) => e.fd === fd)) fd++;
    const table = Array.from({ length: pool.parentCores }, () => new Set<number>());
    const { node, parentCores, tpc } = pool;
    const enclave: NaiveEnclave = {
      ...{ uid, fd, state: 'INIT', vcpus: new Set<number>(), cores: table, mem: 0, nr: 0 },
      ...{ regions: [], node, parentCores, tpc, event: 0, listed: 1, mm },
    };
    enclaves.unshift(enclave);
    if (fault === 'out') {
      release(enclave);
      return { rc: -14 };
    }
    return { rc: fd, fd, slot: uid };
  }

  function addVcpu(e: NaiveEnclave, asked: number, mm: number, fault?: string): Dict {
    if (fault === 'in') return { rc: -14 };
    if (e.state !== 'INIT') return { rc: -270 };
    if (asked >= e.parentCores * e.tpc) return { rc: -271 };
    let id = asked;
    const take = (index: number): number => {
      const core = pool.avail[index];
      if (core === undefined) return id === 0 ? -272 : -257;
      const mine = e.cores[index];
      if (mine === undefined) return -258;
      for (const cpu of core) mine.add(cpu);
      core.clear();
      return 0;
    };
    if (asked === 0) {
      const spare = e.cores
        .flatMap((core) => [...core].sort((a, b) => a - b))
        .find((cpu) => !e.vcpus.has(cpu));
      if (spare === undefined) {
        const index = pool.avail.findIndex((core) => core.size > 0);
        const rc = take(index);
        if (rc < 0) return { rc };
        id = Math.min(...(e.cores[index] ?? []));
      } else id = spare;
    } else if (e.vcpus.has(id)) return { rc: -256 };
    else if (!e.cores.some((core) => core.has(id))) {
      const rc = take(pool.avail.findIndex((core) => core.has(id)));
      if (rc < 0) return { rc };
    }
    if (mm !== e.mm) return { rc: -5 };
    const rc = ask('SLOT_ADD_VCPU', 'VCPU', id);
    if (rc < 0) return { rc };
    e.vcpus.add(id);
    return fault === 'out' ? { rc: -14 } : { rc: 0, vcpu: id };
  }

  function loadInfo(e: NaiveEnclave, flags: bigint, fault?: string): Dict {
    if (fault === 'in') return { rc: -14 };
    if (e.state !== 'INIT') return { rc: -270 };
    if (flags !== 1n) return { rc: -274 };
    return fault === 'out' ? { rc: -14 } : { rc: 0, memOffset: 8388608 };
  }

  function lookUp(at: bigint): { phys: bigint; size: bigint; m: NaiveMapping } | undefined {
    for (const m of mappings) {
      const page = (at - m.at) / m.pageSize;
      if (at < m.at || page >= BigInt(m.phys.length)) continue;
      const inside = (at - m.at) % m.pageSize;
      const phys = (m.phys[Number(page)] ?? 0n) + inside;
      return { phys, size: inside === 0n ? m.pageSize : 4096n, m };
    }
    return undefined;
  }

  function setMemory(e: NaiveEnclave, given: bigint[], mm: number, fault?: string): Dict {
    const [flags = 0n, at = 0n, size = 0n] = given;
    if (fault === 'in') return { rc: -14 };
    if (flags !== 0n) return { rc: -274 };
    if (e.state !== 'INIT') return { rc: -270 };
    if (mm !== e.mm) return { rc: -5 };
    if (size % MIB2 !== 0n) return { rc: -259 };
    if (at % MIB2 !== 0n) return { rc: -261 };
    if (size > 0x7ffffffff000n || at > 0x7ffffffff000n - size) return { rc: -260 };
    for (const r of e.regions) {
      const inside = r.at <= at && at < r.at + r.size;
      if (inside || (at <= r.at && at + size > r.at)) return { rc: -262 };
    }
    if ((size / MIB2) * 16n > 4194304n || size === 0n) return { rc: -12 };
    let covered = 0n;
    let pages = 0;
    const ranges: { at: bigint; size: bigint }[] = [];
    while (covered < size) {
      const poisoned = fails('GUP');
      if (poisoned < 0) {
        pinned -= pages;
        return { rc: poisoned };
      }
      const page = lookUp(at + covered);
      if (page === undefined) {
        pinned -= pages;
        return { rc: -14 };
      }
      pinned += 1;
      const bad = !page.m.huge
        ? -263
        : page.size % MIB2 !== 0n
          ? -273
          : page.m.node !== e.node
            ? -264
            : page.phys % MIB2 !== 0n
              ? -22
              : 0;
      if (bad < 0) {
        pinned -= pages;
        return { rc: bad };
      }
      const last = ranges.at(-1);
      if (last !== undefined && last.at + last.size === page.phys) last.size += page.size;
      else ranges.push({ at: page.phys, size: page.size });
      covered += page.size;
      pages += 1;
    }
    if (e.nr + ranges.length > host.maxMemRegions) {
      pinned -= pages;
      return { rc: -265 };
    }
    e.regions.push({ at, size, pages });
    for (const range of ranges) {
      const rc = ask('SLOT_ADD_MEM', 'MEM', hex(range.at), Number(range.size));
      if (rc < 0) return { rc };
      e.mem += Number(range.size);
      e.nr += 1;
    }
    return { rc: 0 };
  }

  function start(e: NaiveEnclave, cid: bigint, flags: bigint, fault?: string): Dict {
    if (fault === 'in') return { rc: -14 };
    if (flags > 1n) return { rc: -274 };
    if ([1n, 2n, 3n].includes(cid) || cid >= 0xffffffffn) return { rc: -275 };
    if (e.state !== 'INIT') return { rc: -270 };
    if (e.nr === 0) return { rc: -266 };
    if (e.mem < 67108864) return { rc: -268 };
    if (e.vcpus.size === 0) return { rc: -267 };
    for (const core of e.cores) {
      for (const cpu of core) if (!e.vcpus.has(cpu)) return { rc: -269 };
    }
    const rc = ask('ENCLAVE_START', 'START', Number(cid), Number(flags));
    if (rc < 0) return { rc };
    e.state = 'RUNNING';
    deviceState.set(e.uid, 2);
    const given = cid === 0n ? nextCid++ : Number(cid);
    return fault === 'out' ? { rc: -14 } : { rc: 0, cid: given };
  }

  function release(e: NaiveEnclave): number {
    e.fd = -1;
    if (e.state === 'RUNNING') {
      const rc = ask('ENCLAVE_STOP', 'STOP', e.uid);
      if (rc < 0) return rc;
    }
    const rc = ask('SLOT_FREE', 'FREE', e.uid);
    if (rc < 0) return rc;
    enclaves = enclaves.filter((other) => other !== e);
    for (const { pages } of e.regions) pinned -= pages;
    e.cores.forEach((core, index) => {
      for (const cpu of core) pool.avail[index]?.add(cpu);
    });
    return 0;
  }

  function exitEvent(slot: number, state: number): Dict {
    deviceState.set(slot, state);
    if (bound === 0) return { rc: 0 };
    let reply = 0;
    for (const e of enclaves) {
      if (e.listed === 0 || e.state !== 'RUNNING') continue;
      const rc = ask('SLOT_INFO', 'INFO', e.uid);
      if (rc === 0) reply = deviceState.get(e.uid) ?? 0;
      else if (rc !== -110) reply = 0;
      if (reply === 2) continue;
      e.state = reply === 0 ? 'INIT' : 'STOPPED';
      e.event = 1;
    }
    return { rc: 0 };
  }

  /** The core table a pool lacks is made as long as the parent's: what `closed` adds goes there. */
  function widen() {
    while (pool.avail.length < pool.parentCores) pool.avail.push(new Set());
  }

  const open = (fd: number) => enclaves.find((e) => e.fd === fd && fd >= 0);

  function close(fd: number): Dict {
    const e = open(fd);
    if (e === undefined) return { rc: -9 };
    widen();
    return { rc: 0, release: release(e) };
  }

  function poll(fd: number): Dict {
    const e = open(fd);
    return e === undefined ? { rc: -9 } : { rc: 0, poll: e.event === 1 ? 16 : 0 };
  }

  function hotplug(cpu: number, to: number): Dict {
    if (!coreOf.has(cpu)) return { rc: -19 };
    if (to === 1) offline.delete(cpu);
    else offline.add(cpu);
    return { rc: 0 };
  }

  function setBound(to: number): Dict {
    if (to === 0) for (const e of enclaves) e.listed = 0;
    bound = to;
    return { rc: 0 };
  }

  function map(mapping: NaiveMapping): Dict {
    mappings.push(mapping);
    return { rc: 0 };
  }

  function unmap(at: bigint): Dict {
    mappings = mappings.filter((m) => m.at !== at);
    return { rc: 0 };
  }

  function failNext(kind: string, errno: number, k: number): Dict {
    faults.set(kind, { errno, k });
    return { rc: 0 };
  }

  return {
    ...{ setCpuPool, createVm, addVcpu, loadInfo, setMemory, start, close, exitEvent, poll },
    ...{ hotplug, setBound, map, unmap, failNext, open },
    /** Requests that reached the hypervisor since the last time. */
    takeRequests: () => hv.splice(0),
    enclaves: () => enclaves,
    pool: () => pool,
    mappings: () => mappings,
    bound: () => bound === 1,
    online: (cpu: number) => !offline.has(cpu),
    rest: () => ({ offline, param, pinned, bound }),
  };
}
