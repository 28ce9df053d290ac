/**
 * A naive QingTian: one array entry per CPU and per 2 MiB frame, counted anew for every question.
 *
 * It shares no code with core/ and knows only the default options of 2022-10. Invariant: it says
 * the id of the first rule that refuses, in the order of the rule book, or "ok" and does it.
 */

export interface OracleConf {
  readonly hugepage_size?: number;
  readonly memory_mib?: number;
  readonly cpu_count?: number;
  readonly cpu_list?: readonly number[];
}

export interface OracleStart {
  readonly cpus: number;
  readonly mem: number;
  readonly cid: number;
  readonly imageBytes: number;
}

export interface OracleHost {
  /** Node and core number of each CPU. */
  readonly cpus: readonly { readonly node: number; readonly core: number }[];
  /** Per node, per 2 MiB frame: whether the parent could give it away. */
  readonly free: readonly (readonly boolean[])[];
}

interface Live {
  readonly cid: number;
  readonly cpus: number;
  readonly node: number;
  readonly mem: number;
  readonly taken: readonly number[];
}

export class Oracle {
  private readonly host: OracleHost;
  private pool: { cpus: number[]; pageMib: number; mib: number; node: number } | undefined;
  private live = new Map<number, Live>();
  private nextId = 0;

  constructor(host: OracleHost) {
    this.host = host;
  }

  reserve(conf: OracleConf): string {
    if (this.live.size > 0) return 'no-live-enclaves';
    this.pool = undefined;
    const { hugepage_size: page, memory_mib: mib, cpu_count: count, cpu_list: list } = conf;
    if (page === undefined || mib === undefined) return 'conf-complete';
    if (count === undefined && list === undefined) return 'conf-complete';
    if (page !== 2 && page !== 1024) return 'hugepage-size';
    if (mib <= 0 || mib % page !== 0) return 'conf-memory-multiple';
    if (count !== undefined && list !== undefined) return 'cpu-keys-exclusive';
    if (list?.includes(0)) return 'cpu-list-without-0';
    const total = this.host.cpus.length;
    if (list !== undefined) {
      const distinct = new Set(list).size === list.length;
      if (list.length === 0 || !distinct || list.some((cpu) => cpu >= total)) {
        return 'cpu-list-known';
      }
    }
    if (count !== undefined && count <= 0) return 'cpu-count-positive';
    if (total - (list?.length ?? count ?? 0) < 2) return 'parent-floor-vcpus';
    const frames = this.host.free.reduce((sum, node) => sum + node.length, 0);
    if (frames * 2 - mib < 512) return 'parent-floor-memory';
    if (list !== undefined && new Set(list.map((cpu) => this.host.cpus[cpu].node)).size > 1) {
      return 'pool-one-node';
    }
    const sets = list === undefined ? this.coreSets(count ?? 0) : [[...list].sort((a, b) => a - b)];
    if (sets.length === 0) return 'pool-whole-cores';
    const nodeOf = (set: number[]) => this.host.cpus[set[0]].node;
    const roomy = sets.filter(
      (set) => this.host.free[nodeOf(set)].filter(Boolean).length * 2 >= mib,
    );
    if (roomy.length === 0) return 'pool-memory-free';
    const sound = roomy.find((set) => this.places(nodeOf(set), page / 2) >= mib / page);
    if (sound === undefined) return 'pool-contiguity';
    this.pool = { cpus: sound, pageMib: page, mib, node: nodeOf(sound) };
    return 'ok';
  }

  start(ask: OracleStart): string {
    if (this.live.size >= 2) return 'enclave-count';
    if (ask.cid < 4 || ask.cid > 4294967294) return 'cid-range';
    for (const one of this.live.values()) if (one.cid === ask.cid) return 'cid-free';
    if (ask.cpus < 2 || ask.cpus % 2 !== 0) return 'vcpu-even';
    const nodes = this.pool === undefined ? this.host.free.map((_, i) => i) : [this.pool.node];
    const sizes = nodes.map((n) => this.host.cpus.filter(({ node }) => node === n).length);
    if (ask.cpus > Math.max(...sizes) - 2) return 'vcpu-node-max';
    let sum = ask.cpus;
    for (const one of this.live.values()) sum += one.cpus;
    if (sum > 62) return 'vcpu-total';
    if (this.pool === undefined) return 'page-size';
    if (ask.mem < 128) return 'memory-min';
    if (ask.mem % this.pool.pageMib !== 0) return 'memory-multiple';
    if (ask.mem > 256 * this.pool.pageMib) return 'memory-max';
    if (ask.imageBytes * 4 > ask.mem * 1024 * 1024) return 'image-ratio';
    const whole = this.idleWholeCores();
    if (whole.flat().length < ask.cpus) return 'pool-cpus';
    let left = this.pool.mib;
    for (const one of this.live.values()) left -= one.mem;
    if (left < ask.mem) return 'pool-pages';
    const taken: number[] = [];
    for (const core of whole) if (taken.length < ask.cpus) taken.push(...core);
    this.live.set(this.nextId++, { ...ask, node: this.pool.node, taken });
    return 'ok';
  }

  stop(id: number): string {
    return this.live.delete(id) ? 'ok' : 'not-running';
  }

  private idleWholeCores(): number[][] {
    const busy = new Set([...this.live.values()].flatMap(({ taken }) => taken));
    return this.cores().filter((core) =>
      core.every((cpu) => this.pool?.cpus.includes(cpu) && !busy.has(cpu)),
    );
  }

  private cores(): number[][] {
    const cores: number[][] = [];
    this.host.cpus.forEach(({ core }, cpu) => {
      cores[core] = [...(cores[core] ?? []), cpu];
    });
    return cores;
  }

  /** `count` CPUs as whole cores of one node, once per node that can. */
  private coreSets(count: number): number[][] {
    const cores = this.cores().filter((core) => !core.includes(0));
    return this.host.free.flatMap((_, node) => {
      const chosen: number[] = [];
      for (const core of cores.filter(([first]) => this.host.cpus[first].node === node)) {
        if (chosen.length < count) chosen.push(...core);
      }
      return chosen.length === count ? [chosen] : [];
    });
  }

  private places(node: number, unit: number): number {
    const frames = this.host.free[node];
    let places = 0;
    for (let start = 0; start + unit <= frames.length; start += unit) {
      if (frames.slice(start, start + unit).every(Boolean)) places++;
    }
    return places;
  }
}
