/**
 * The reservation script a second time, written from the conformance format and the rule book alone:
 * one walk with early returns over the naive driver and the naive page files.
 *
 * Invariant: shares no code with core/ or scenarios/. Trade-off: knows only the three sets of page
 * sizes whose roll-back order the format states. Source: rule book of Nitro, §4.1.
 */
import { list, unlist } from './naive-cpulist.js';
import { naiveDriver } from './naive-driver.js';
import { naiveConfig } from './naive-script-config.js';
import { type NaiveMemory, type NaiveNode, naiveNode } from './naive-script-pages.js';

export interface NaiveScriptHost {
  arch: 'x86_64' | 'aarch64';
  nrCpuIds: number;
  cores: string[];
  nodes: Record<string, string>;
  offline?: string;
  sizesKiB: number[];
  mem: Record<string, NaiveMemory>;
  prevPool?: string;
  enclaves?: number;
  driver?: boolean;
}

export type NaiveWrite = ['pool', string, number] | ['hp', number, number, string, number];

/** Sizes ascending → the order in which bash lists them. */
const HASH_ORDER: Record<string, number[]> = {
  '2048,1048576': [2048, 1048576],
  '64,2048,32768,1048576': [32768, 2048, 64, 1048576],
  '2048,524288,16777216': [524288, 16777216, 2048],
};

/** The vector of one run: `id` and `seed` aside. */
export function naiveScriptVector(host: NaiveScriptHost, yaml: string) {
  const parent = naiveParent(host);
  const { nodes } = parent;
  const inUse = Object.entries(nodes).map(([id, node]) => [id, node.used()] as const);
  const inUseBefore = Object.fromEntries(inUse.filter(([, used]) => Object.keys(used).length > 0));
  const pagesBefore = pagesOf(nodes);
  const reason = runScript(parent, host, yaml);
  const { param, offline } = parent.driver.rest();
  return {
    host,
    yaml,
    pagesBefore,
    ...(Object.keys(inUseBefore).length > 0 ? { inUseBefore } : {}),
    out: {
      exit: reason === 'ok' ? 0 : 1,
      reason,
      pages: pagesOf(nodes),
      pool: param,
      offline: list(offline),
      writes: parent.writes,
    },
  };
}

type Nodes = Record<string, NaiveNode>;

function pagesOf(nodes: Nodes) {
  return Object.fromEntries(Object.entries(nodes).map(([id, node]) => [id, node.counts()]));
}

export type NaiveParent = ReturnType<typeof naiveParent>;

/** The machine as the script finds it, with a record of what is written. */
export function naiveParent(host: NaiveScriptHost) {
  const driver = naiveDriver({ ...host, maxMemRegions: 4096 });
  if (host.prevPool !== undefined) driver.setCpuPool(`${host.prevPool}\n`, true);
  for (let i = 0; i < (host.enclaves ?? 0); i++) driver.createVm(0);
  const memory = Object.entries(host.mem).map(
    ([id, mem]) => [id, naiveNode(mem, host.sizesKiB)] as const,
  );
  const nodes: Nodes = Object.fromEntries(memory);
  const writes: NaiveWrite[] = [];
  const writePool = (text: string): number => {
    const rc = Number(driver.setCpuPool(text, true).rc);
    writes.push(['pool', text, rc]);
    return rc;
  };
  const writePages = (node: number, size: number, count: string): number => {
    const after = nodes[node]?.write(size, `${count}\n`) ?? -2;
    writes.push(['hp', node, size, count, after]);
    return after;
  };
  return { driver, nodes, writes, writePool, writePages };
}

function runScript(parent: NaiveParent, host: NaiveScriptHost, yaml: string): string {
  const config = naiveConfig(yaml);
  if ('reason' in config) return config.reason;
  if (host.driver === false) return 'no-driver';
  if (parent.writePool('\n') === -1) return 'enclaves-running';
  const { memory, count, pool } = config;
  if (pool === undefined) return byCount(parent, host, count ?? '', memory);
  const text = echoed(pool);
  if (text !== '' && parent.writePool(text) < 0) return 'pool-rejected';
  const cpus = poolCpus(parent.driver.rest().param);
  const result = memoryOn(parent, host, memory, cpus);
  return result === 'stop' ? 'silent' : result;
}

/** `echo $value`. */
function echoed(value: string): string {
  const words = value.split(/[ \t]+/).filter(Boolean);
  let end = '\n';
  while (/^-[neE]+$/.test(words[0] ?? '')) if (words.shift()?.includes('n')) end = '';
  return words.join(' ') + end;
}

/** What `cut` and `seq` make of the pool's text. */
function poolCpus(text: string): number[] {
  const cpus: number[] = [];
  for (const group of (text.split('\n')[0] ?? '').split(',')) {
    const [from = '', to = from] = group.split('-');
    if (!/^[ \t]*\d+$/.test(from) || !/^[ \t]*\d+$/.test(to)) continue;
    for (let cpu = Number(from); cpu <= Number(to); cpu++) cpus.push(cpu);
  }
  return cpus;
}

function nodeOfCpu(host: NaiveScriptHost, cpu: number): number {
  const found = Object.entries(host.nodes).find(([, text]) => unlist(text).includes(cpu));
  return Number(found?.[0] ?? -1);
}

/** How bash reads a number in `$((…))`; undefined = it stops there. */
function shellNumber(digits: string): bigint | undefined {
  let value = 0n;
  const octal = digits.startsWith('0');
  for (const digit of digits) {
    if (octal && digit > '7') return undefined;
    value = BigInt.asIntN(64, value * (octal ? 8n : 10n) + BigInt(digit));
  }
  return value;
}

/** 'ok', 'stop' where bash gives up without a word, or the reason it fails with. */
function memoryOn(
  { nodes, writePages }: NaiveParent,
  host: NaiveScriptHost,
  memory: string,
  cpus: number[],
): string {
  if (!/^[0-9]+$/.test(memory)) return 'memory-invalid';
  const [first] = cpus;
  if (first === undefined) return '200-empty-pool';
  const id = nodeOfCpu(host, first);
  const mib = shellNumber(memory);
  if (mib === undefined) return 'stop';
  const down = [...host.sizesKiB].sort((a, b) => b - a);
  const bytes = (size: number) => BigInt(size) * 1024n;
  const small = bytes(Math.min(...down));
  const asked = BigInt.asIntN(64, mib << 20n);
  let left = BigInt.asIntN(64, (BigInt.asIntN(64, asked - 1n) / small + 1n) * small);
  const read = (size: number) => nodes[id]?.read(size) ?? 0;
  const before = new Map(down.map((size) => [size, read(size)] as const));
  for (const size of down) writePages(id, size, '0');
  for (const size of down) {
    if (writePages(id, size, `${left / bytes(size)}`) < 0) return '204-set';
    left = BigInt.asIntN(64, left - bytes(size) * BigInt(read(size)));
    if (left === 0n) return 'ok';
  }
  for (const size of down) writePages(id, size, '0');
  const order = HASH_ORDER[host.sizesKiB.join(',')] ?? [];
  for (const size of order) writePages(id, size, `${before.get(size)}`);
  const same = order.every((size) => read(size) === before.get(size));
  return same ? '206-insufficient-memory' : '205-rollback';
}

function byCount(parent: NaiveParent, host: NaiveScriptHost, text: string, memory: string): string {
  const cores = host.cores.map((core) => unlist(core).filter((cpu) => parent.driver.online(cpu)));
  const present = host.cores.flatMap(unlist).length;
  const threads = Math.max(...cores.map((core) => core.length));
  const node0 = nodeOfCpu(host, 0);
  if (!/^[0-9]+$/.test(text)) return 'cpu-count-invalid';
  const decimal = BigInt(text);
  if (decimal === 0n || decimal >= 1n << 63n) return 'cpu-count-zero';
  if (decimal > BigInt(present)) return 'cpu-count-exceeds-host';
  const value = shellNumber(text);
  if (value === undefined) return 'silent';
  if (value % BigInt(threads) !== 0n) return 'cpu-count-partial-core';
  const count = Number(decimal);
  let chosen: number[] = [];
  let failure = '';
  for (let id = 0; id < Object.keys(host.nodes).length; id++) {
    chosen = [];
    const onNode = unlist(host.nodes[id] ?? '').filter((cpu) => parent.driver.online(cpu));
    if (onNode.length === 0 && failure !== '') return 'silent';
    if (count > onNode.length - (id === node0 ? threads : 0)) continue;
    const seen = new Set<number>();
    for (const cpu of onNode.sort((a, b) => a - b)) {
      const core = cores.find((threadsOf) => threadsOf.includes(cpu)) ?? [];
      const usable = core.filter((thread) => thread !== 0).sort((a, b) => a - b);
      if (cpu === 0 || usable.length !== threads) continue;
      for (const thread of usable) seen.add(thread);
      if (seen.size === count) break;
    }
    chosen = [...seen];
    if (chosen.length !== count) continue;
    const result = memoryOn(parent, host, memory, chosen);
    if (result === 'stop') return 'silent';
    if (result === 'memory-invalid') return result;
    failure = result;
    if (result === 'ok') break;
  }
  if (chosen.length !== count) return 'no-suitable-cpus';
  if (failure !== 'ok') return failure;
  return parent.writePool(`${chosen.join(',')}\n`) < 0 ? 'pool-rejected' : 'ok';
}
