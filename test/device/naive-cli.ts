/**
 * run-enclave's memory and CPU path a second time, written from the conformance format and the rule
 * book alone: free pages are counts, a page is its size and its node, the driver's answers are few.
 *
 * Invariant: shares no code with core/ or scenarios/. Trade-off: one launch on an idle parent, as
 * the recordings have it. Source: conformance format, section 3; rule book of Nitro, §5.1 to §5.5.
 */
import { unlist } from './naive-cpulist.js';
import type { Json } from './naive-state.js';

export interface NaiveCliHost {
  cores: string[];
  nodes: Record<string, string>;
  maxMemRegions: number;
  pool: string;
  /** Page size in MiB → free pages by node. */
  pages: Record<string, number[]>;
  local: number;
}

export interface NaiveCliCase {
  host: NaiveCliHost;
  memory: string;
  eifBytes: number | string;
  cpus: { count: number } | { ids: number[] };
  cid?: number | string;
  debug?: boolean;
}

type Out = Record<string, Json>;
interface Page {
  mib: number;
  node: number;
}

const SIZES_MIB = [16384, 2048, 1024, 512, 256, 32, 16, 8, 2];
const U64 = (value: bigint) => BigInt.asUintN(64, value);

export function naiveCliOut(given: NaiveCliCase): Out {
  const { host } = given;
  const free = new Map(Object.entries(host.pages).map(([mib, counts]) => [mib, [...counts]]));
  const attempts: [number, number, number][] = [];
  const leaked: Page[] = [];
  const pages: Page[] = [];
  const before = counted(free);

  /** Ends the process: touched pages go back, but for those the driver keeps. */
  const ended = (fields: Out): Out => {
    for (const page of pages) {
      const counts = free.get(`${page.mib}`);
      if (page.node < 0 || leaked.includes(page) || counts === undefined) continue;
      counts[page.node] = (counts[page.node] ?? 0) + 1;
    }
    const after = counted(free);
    const same = JSON.stringify(before) === JSON.stringify(after);
    const pins: Out = leaked.length > 0 ? { leakedPins: leaked.length } : {};
    return { attempts, freeAfterExit: same ? 'same' : after, ...pins, ...fields };
  };
  const failed = (stage: string, code: string, ioctl?: [string, number, string]): Out => {
    const shown: Out = stage === 'run' ? { regions: runsOf(pages) } : {};
    const call: Out = ioctl === undefined ? {} : { ioctl: [ioctl] };
    return ended({ ok: false, stage, code, ...shown, ...call });
  };

  const mib = memoryOf(given.memory);
  if (mib === undefined) return failed('parse', 'E03');
  const wrongCpus = cpuCode(given);
  if (wrongCpus !== undefined) return failed('cpus', wrongCpus);
  const bytes = U64(mib << 20n);
  if (U64(4n * BigInt(given.eifBytes)) > bytes || bytes === 0n) return failed('new', 'E26');

  const held = allocate(bytes, free, attempts);
  pages.push(...held.pages);
  if (!held.enough) return failed('run', 'E27');
  const touch = (page: Page) => place(page, free, host.local);
  touchImage(pages, BigInt(given.eifBytes), touch);
  const node = nodeOfPool(host);
  for (const [i, page] of pages.entries()) {
    touch(page);
    if (page.node !== node) {
      leaked.push(page);
      return failed('run', 'E29', [SET_MEMORY, -264, 'NE_ERR_MEM_DIFFERENT_NUMA_NODE']);
    }
    if (i >= host.maxMemRegions) {
      return failed('run', 'E29', [SET_MEMORY, -265, 'NE_ERR_MEM_MAX_REGIONS']);
    }
  }
  const added = addCpus(host, given.cpus);
  if ('call' in added) return failed('run', 'E29', added.call);
  const heldMib = pages.reduce((sum, page) => sum + page.mib, 0);
  const refused = startRefusal(BigInt(given.cid ?? 0), pages.length, heldMib, added);
  if (refused !== undefined) return failed('run', 'E29', ['startEnclave', ...refused]);
  return ended({
    ...{ ok: true, mib: mib < 1n << 53n ? Number(mib) : `0x${mib.toString(16)}` },
    ...{ allocatedMib: heldMib, cid: Number(given.cid ?? 0) || 16, cpus: added.cpus },
    ...{ flags: given.debug === true ? 1 : 0, regions: runsOf(pages) },
    freeWhileRunning: counted(free),
  });
}

const SET_MEMORY = 'setUserMemoryRegion';

/** MiB, or nothing for E03. */
function memoryOf(text: string): bigint | undefined {
  const [, digits = '', unit = ''] = /^([0-9]+)([MmGgTt]?)$/.exec(text) ?? [];
  if (digits === '' || BigInt(digits) >= 1n << 64n) return undefined;
  const shift = { g: 10n, t: 20n }[unit.toLowerCase()] ?? 0n;
  return U64(BigInt(digits) << shift);
}

function cpuCode({ host, cpus }: NaiveCliCase): string | undefined {
  const pool = unlist(host.pool);
  if ('count' in cpus) return cpus.count > pool.length ? 'E22' : undefined;
  if (new Set(cpus.ids).size < cpus.ids.length) return 'E20';
  return cpus.ids.every((cpu) => pool.includes(cpu)) ? undefined : 'E21';
}

/** Both passes, then the cut; a page not placed yet has node -1. */
function allocate(
  bytes: bigint,
  free: Map<string, number[]>,
  attempts: [number, number, number][],
) {
  const asked = BigInt.asIntN(64, bytes);
  const left = new Map([...free].map(([mib, counts]) => [mib, counts.reduce((a, b) => a + b, 0)]));
  const got: number[] = [];
  let need = asked;
  const map = (mib: number): boolean => {
    const last = attempts.at(-1);
    const row = last !== undefined && last[0] === mib && last[2] === 0 ? last : undefined;
    const works = (left.get(`${mib}`) ?? 0) > 0;
    if (row === undefined) attempts.push([mib, works ? 1 : 0, works ? 0 : 1]);
    else row[works ? 1 : 2] += 1;
    if (!works) return false;
    left.set(`${mib}`, (left.get(`${mib}`) ?? 0) - 1);
    got.push(mib);
    need -= BigInt(mib) << 20n;
    return true;
  };
  for (const mib of SIZES_MIB) while (need >= BigInt(mib) << 20n && map(mib));
  for (const mib of [...SIZES_MIB].reverse()) while (need > 0n && map(mib));
  const all = got.map((mib) => ({ mib, node: -1 }));
  if (need > 0n) return { enough: false, pages: all };
  all.sort((a, b) => b.mib - a.mib);
  let rest = asked;
  const kept = all.filter(({ mib }) => {
    const wanted = rest > 0n;
    rest -= BigInt(mib) << 20n;
    return wanted;
  });
  const sum = kept.reduce((total, { mib }) => total + BigInt(mib), 0n);
  return { enough: sum >= bytes >> 20n, pages: kept };
}

/** First touch: the local node, else the lowest node with a page. */
function place(page: Page, free: Map<string, number[]>, local: number): void {
  const counts = free.get(`${page.mib}`) ?? [];
  if (page.node >= 0) return;
  const node = (counts[local] ?? 0) > 0 ? local : counts.findIndex((count) => count > 0);
  counts[node] = (counts[node] ?? 0) - 1;
  page.node = node;
}

/** The image's bytes are those from 8 MiB on in the line of pages. */
function touchImage(pages: Page[], eifBytes: bigint, touch: (page: Page) => void): void {
  const [from, to] = [8n << 20n, (8n << 20n) + eifBytes];
  let start = 0n;
  for (const page of pages) {
    const end = start + (BigInt(page.mib) << 20n);
    const [low, high] = [start > from ? start : from, end < to ? end : to];
    if (low < high) touch(page);
    start = end;
  }
}

function nodeOfPool(host: NaiveCliHost): number {
  const [first = 0] = unlist(host.pool);
  const found = Object.entries(host.nodes).find(([, cpus]) => unlist(cpus).includes(first));
  return Number(found?.[0] ?? 0);
}

type Added = { cpus: number[]; whole: boolean } | { call: [string, number, string] };

/** Explicit ids bring their core; "any" completes a core begun, then takes the next of the pool. */
function addCpus(host: NaiveCliHost, asked: NaiveCliCase['cpus']): Added {
  const pool = unlist(host.pool);
  const cores = host.cores.map(unlist).filter((core) => core.some((cpu) => pool.includes(cpu)));
  const threads = cores.find((core) => core.includes(pool[0] ?? 0))?.length ?? 1;
  const ids = host.cores.flatMap(unlist).length;
  const limit = Math.floor(ids / threads) * threads;
  const byCore = cores
    .map((core) => core.sort((a, b) => a - b))
    .sort((a, b) => first(a) - first(b));
  const cpus = 'count' in asked ? byCore.flat().slice(0, asked.count) : asked.ids;
  if (cpus.some((cpu) => cpu >= limit) && 'ids' in asked) {
    return { call: ['addVcpu', -271, 'NE_ERR_INVALID_VCPU'] };
  }
  const begun = cores.filter((core) => core.some((cpu) => cpus.includes(cpu)));
  return { cpus, whole: begun.flat().every((cpu) => cpus.includes(cpu)) };
}

const first = (core: number[]): number => core[0] ?? 0;

function startRefusal(
  cid: bigint,
  pages: number,
  mib: number,
  { cpus, whole }: Extract<Added, { cpus: number[] }>,
): [number, string] | undefined {
  if ([1n, 2n, 3n].includes(cid) || cid >= 4294967295n) return [-275, 'NE_ERR_INVALID_ENCLAVE_CID'];
  if (pages === 0) return [-266, 'NE_ERR_NO_MEM_REGIONS_ADDED'];
  if (mib < 64) return [-268, 'NE_ERR_ENCLAVE_MEM_MIN_SIZE'];
  if (cpus.length === 0) return [-267, 'NE_ERR_NO_VCPUS_ADDED'];
  return whole ? undefined : [-269, 'NE_ERR_FULL_CORES_NOT_USED'];
}

function counted(free: Map<string, number[]>): Record<string, number[]> {
  return Object.fromEntries([...free].map(([mib, counts]) => [mib, [...counts]]));
}

function runsOf(pages: Page[]): Json[] {
  const runs: [number, number, number][] = [];
  for (const { mib, node } of pages) {
    const last = runs.at(-1);
    if (last?.[0] === mib && last[2] === node) last[1] += 1;
    else runs.push([mib, 1, node]);
  }
  return runs;
}
