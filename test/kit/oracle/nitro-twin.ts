/**
 * A naive Nitro parent: driver, CPU pool, hugepages and tasks, from the driver's rule book, on top
 * of a hypervisor that refuses what would break isolation.
 *
 * Results are kernel return values. Invariant: it shares no code with core/ but the type of a
 * command; every page and CPU is looked up by walking. Trade-off: memory of the host's own pools
 * only (no foreign mappings), no failing copies to or from user memory.
 */
import type { Answers, Command } from '../../../core/host/command.js';
import { clearBoard } from './frame-board.js';
import { OK, refusal, type Verdict } from './naive-machine.js';
import { errnoOf, NitroMemory, refused } from './nitro-memory.js';
import { noPool, type TwinPool, type TwinSlot } from './nitro-slot.js';

const DONE: Verdict = { result: 0 };

type Of<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;

export class NitroTwin extends NitroMemory {
  parent: 'running' | 'stopped' | 'terminated' = 'running';
  pool: TwinPool = noPool(0);
  nextSlot = 1;
  nextCid = 16;

  take(command: Command): Verdict {
    if (command.kind.startsWith('nitro.') && this.parent !== 'running') {
      return refusal('nitro.parent-running');
    }
    switch (command.kind) {
      case 'parent.boot':
        if (this.parent !== 'stopped') return refusal('lifecycle');
        this.parent = 'running';
        this.startKernel();
        this.bound = true;
        return OK;
      case 'parent.stop':
      case 'parent.crash':
        if (this.parent !== 'running') return refusal('lifecycle');
        this.goDown('stopped');
        return OK;
      case 'parent.terminate':
        if (this.parent === 'terminated') return refusal('lifecycle');
        if (this.parent === 'running') this.goDown('terminated');
        this.parent = 'terminated';
        return OK;
      case 'nitro.write-pool':
        return this.writePool(command);
      case 'nitro.write-hugepages':
        return this.writeHugepages(command);
      case 'nitro.create-vm':
        return this.createVm(command);
      case 'nitro.map-page':
        return this.mapPage(command);
      case 'nitro.touch':
        return this.touch(command);
      case 'nitro.unmap':
        return this.unmap(command.address);
      case 'nitro.exit-event':
        return this.exitEvent(command.slot, command.state);
      case 'nitro.unbind':
        for (const slot of this.slots) slot.listed = false;
        this.bound = false;
        return DONE;
      case 'nitro.bind':
        this.bound = true;
        return DONE;
      case 'nitro.hotplug':
        if (command.online && this.slotsOnCoreOf(command.cpu).length > 0) return refused(5);
        if (!command.online && this.keepsNone([command.cpu])) return refused(16);
        this.online[command.cpu] = command.online;
        return DONE;
      case 'nitro.add-vcpu':
      case 'nitro.image-load-info':
      case 'nitro.set-memory':
      case 'nitro.start':
      case 'nitro.close':
      case 'nitro.poll':
        return this.onFile(command);
      default:
        return refusal('command-of-profile');
    }
  }

  private onFile(
    command: Of<
      | 'nitro.add-vcpu'
      | 'nitro.image-load-info'
      | 'nitro.set-memory'
      | 'nitro.start'
      | 'nitro.close'
      | 'nitro.poll'
    >,
  ): Verdict {
    const slot = this.slots.find((one) => one.slot === command.slot && one.fd >= 0);
    if (slot === undefined) return refused(9);
    switch (command.kind) {
      case 'nitro.poll':
        return { result: 0, told: { poll: slot.hup ? 16 : 0 } };
      case 'nitro.close':
        return this.close(slot, command.answers);
      case 'nitro.add-vcpu':
        return this.addVcpu(slot, command);
      case 'nitro.set-memory':
        return this.setMemory(slot, command);
      case 'nitro.start':
        return this.start(slot, command);
      case 'nitro.image-load-info':
        if (slot.state !== 'INIT') return refused(270);
        if (command.flags !== 1n) return refused(274);
        return { result: 0, told: { memoryOffset: 8388608 } };
    }
  }

  private writePool({ text, capable, answers }: Of<'nitro.write-pool'>): Verdict {
    if (capable === false) return whyNot(1, 'no-cap');
    if (this.slots.some(({ listed }) => listed)) return whyNot(1, 'in-use');
    const told = kernelAnswers(answers);
    for (const core of this.pool.cores) this.bringBack([...new Set(core)], told);
    this.pool = noPool(-1);
    const named = cpusOf(text);
    if (named.some((cpu) => cpu >= this.cpus)) return whyNot(34, 'parse');
    if (named.length === 0) return whyNot(22, 'empty');
    if (named.some((cpu) => !this.online[cpu])) return whyNot(22, 'offline-cpu');
    const node = this.nodeOf(named[0]);
    if (named.some((cpu) => this.nodeOf(cpu) !== node)) return whyNot(22, 'mixed-nodes');
    if (named.includes(0)) return whyNot(22, 'cpu0');
    const threads = (cpu: number) => this.threadsOf(cpu).filter((one) => this.online[one]);
    if (threads(0).some((cpu) => named.includes(cpu))) return whyNot(22, 'cpu0-sibling');
    if (named.some((cpu) => threads(cpu).some((one) => !named.includes(one)))) {
      return whyNot(22, 'partial-core');
    }
    const cores = named.filter((cpu) => threads(cpu)[0] === cpu).map(threads);
    const threadsPerCore = cores[0].length;
    const tableCores = Math.floor(this.cpus / threadsPerCore);
    for (const cpu of named) {
      const errno = told('CPU_OFFLINE');
      if (errno === 0 && !this.keepsNone([cpu])) {
        this.online[cpu] = false;
        continue;
      }
      this.bringBack(named, told);
      return whyNot(errno === 0 ? 16 : errno, 'offline-failed');
    }
    this.pool = { node, threadsPerCore, tableCores, cores };
    return DONE;
  }

  /** One after the other; what kernel or hypervisor refuse is only logged. */
  private bringBack(cpus: readonly number[], told: KernelAnswers): void {
    for (const cpu of cpus) {
      if (told('CPU_ONLINE') === 0 && this.slotsOnCoreOf(cpu).length === 0) this.online[cpu] = true;
    }
  }

  /** Whether the parent would be left without any CPU that runs. */
  private keepsNone(taken: readonly number[]): boolean {
    return this.online.every((on, cpu) => !on || taken.includes(cpu));
  }

  /** Enclaves that were given some thread of this CPU's core, forgotten ones and zombies too. */
  private slotsOnCoreOf(cpu: number): TwinSlot[] {
    const threads = this.threadsOf(cpu);
    return this.slots.filter(({ vcpus }) => vcpus.some((one) => threads.includes(one)));
  }

  private createVm({ task, answers }: Of<'nitro.create-vm'>): Verdict {
    if (this.pool.cores.every((core) => core.length === 0)) return refused(272);
    if (!this.bound) return refused(19);
    const told = errnoOf(answers, 'SLOT_ALLOC');
    if (told !== 0) return refused(told);
    if (this.slots.length >= 4) return refused(28);
    let fd = 4;
    while (this.slots.some((one) => one.fd === fd)) fd++;
    const { node, tableCores, threadsPerCore } = this.pool;
    const slot = this.nextSlot++;
    this.slots.unshift({
      slot,
      task,
      node,
      cpuBound: tableCores * threadsPerCore,
      tableCores,
      state: 'INIT',
      fd,
      cid: 0,
      listed: true,
      hup: false,
      debug: false,
      device: 0,
      vcpus: [],
      owned: new Map(),
      regions: [],
      donated: [],
      ranges: 0,
      bytes: 0,
    });
    return { result: fd, told: { fd, slot } };
  }

  private addVcpu(slot: TwinSlot, { cpu: asked, task, answers }: Of<'nitro.add-vcpu'>): Verdict {
    if (slot.state !== 'INIT') return refused(270);
    if (asked >= slot.cpuBound) return refused(271);
    if (asked !== 0 && slot.vcpus.includes(asked)) return refused(256);
    const mine = [...slot.owned].sort(([a], [b]) => a - b).flatMap(([, cpus]) => cpus);
    const spare = asked === 0 ? mine.find((one) => !slot.vcpus.includes(one)) : asked;
    let cpu = spare ?? -1;
    if (cpu < 0 || !mine.includes(cpu)) {
      const index = this.pool.cores.findIndex((core) => {
        return asked === 0 ? core.length > 0 : core.includes(asked);
      });
      if (index < 0) return refused(asked === 0 ? 272 : 257);
      if (index >= slot.tableCores) return refused(258);
      const core = [...(slot.owned.get(index) ?? []), ...this.pool.cores[index]];
      core.sort((a, b) => a - b);
      slot.owned.set(index, core);
      this.pool.cores[index] = [];
      cpu = asked === 0 ? core[0] : asked;
    }
    if (task !== slot.task) return refused(5);
    if (!this.bound) return refused(19);
    const told = errnoOf(answers, 'SLOT_ADD_VCPU');
    if (told !== 0) return refused(told);
    if (slot.cid !== 0) return refused(114);
    if (this.slots.some((one) => one !== slot && one.vcpus.includes(cpu))) return refused(17);
    if (this.online[cpu]) return refused(11);
    if (this.threadsOf(cpu).some((one) => this.online[one])) return refused(39);
    if (this.slotsOnCoreOf(cpu).some((one) => one !== slot)) return refused(39);
    if (!slot.vcpus.includes(cpu)) slot.vcpus.push(cpu);
    slot.vcpus.sort((a, b) => a - b);
    return { result: 0, told: { vcpu: cpu } };
  }

  private start(slot: TwinSlot, { cid, flags, answers }: Of<'nitro.start'>): Verdict {
    if (flags !== 0n && flags !== 1n) return refused(274);
    if ((cid >= 1n && cid <= 3n) || cid >= 4294967295n) return refused(275);
    if (slot.state !== 'INIT') return refused(270);
    if (slot.ranges === 0) return refused(266);
    if (slot.bytes < 67108864) return refused(268);
    if (slot.vcpus.length === 0) return refused(267);
    for (const core of slot.owned.values()) {
      if (core.some((cpu) => !slot.vcpus.includes(cpu))) return refused(269);
    }
    if (!this.bound) return refused(19);
    const told = errnoOf(answers, 'ENCLAVE_START');
    if (told !== 0) return refused(told);
    if (slot.cid !== 0) return refused(114);
    const taken = (one: number) => this.slots.some((o) => o !== slot && o.cid === one);
    if (cid !== 0n && taken(Number(cid))) return refused(98);
    const home = this.nodeOf(slot.vcpus[0]);
    if (slot.vcpus.some((cpu) => this.nodeOf(cpu) !== home)) return refused(18);
    if (slot.donated.some(({ node }) => node !== home)) return refused(18);
    slot.cid = Number(cid);
    if (cid === 0n) {
      slot.cid = this.nextCid;
      while (taken(slot.cid)) slot.cid++;
      this.nextCid = slot.cid + 1;
    }
    slot.state = 'RUNNING';
    slot.debug = flags === 1n;
    slot.device = 2;
    return { result: 0, told: { cid: slot.cid } };
  }

  private close(slot: TwinSlot, answers?: Answers): Verdict {
    const stop = slot.state === 'RUNNING' ? this.answer(answers, 'ENCLAVE_STOP') : 0;
    const failed = stop !== 0 ? stop : this.answer(answers, 'SLOT_FREE');
    if (failed !== 0) {
      slot.fd = -1;
      return { result: 0, told: { release: -failed } };
    }
    this.slots.splice(this.slots.indexOf(slot), 1);
    for (const { pages } of slot.regions) {
      this.pins -= pages.length;
      for (const page of pages) this.letGo(slot, page);
    }
    for (const [index, cpus] of slot.owned) {
      while (this.pool.cores.length <= index) this.pool.cores.push([]);
      this.pool.cores[index] = [...this.pool.cores[index], ...cpus].sort((a, b) => a - b);
    }
    return { result: 0, told: { release: 0 } };
  }

  private exitEvent(number: number, state: number): Verdict {
    const target = this.slots.find((one) => one.slot === number);
    if (target !== undefined) target.device = state;
    if (!this.bound) return DONE;
    for (const slot of this.slots) {
      if (!slot.listed || slot.state !== 'RUNNING' || slot.device === 2) continue;
      slot.state = slot.device === 0 ? 'INIT' : 'STOPPED';
      slot.hup = true;
    }
    return DONE;
  }

  private answer(answers: Answers | undefined, kind: keyof Answers): number {
    return this.bound ? errnoOf(answers, kind) : 19;
  }

  private goDown(to: 'stopped' | 'terminated'): void {
    const cpus = [...this.pool.cores.flat(), ...this.slots.flatMap((s) => [...s.owned.values()])];
    for (const cpu of cpus.flat()) this.online[cpu] = true;
    if (cpus.length > 0 || this.pool.cores.length > 0) this.pool = noPool(0);
    this.slots.length = 0;
    this.mappings.length = 0;
    this.pins = 0;
    for (const board of this.boards) clearBoard(board);
    this.parent = to;
  }
}

type KernelAnswers = (kind: 'CPU_OFFLINE' | 'CPU_ONLINE') => number;

/** The errno of the next call of a kind within one write, 0 = it does as asked. */
function kernelAnswers(answers: Answers | undefined): KernelAnswers {
  const calls = { CPU_OFFLINE: 0, CPU_ONLINE: 0 };
  return (kind) => {
    calls[kind]++;
    const answer = answers?.[kind];
    return answer?.nth === calls[kind] ? answer.errno : 0;
  };
}

function whyNot(errno: number, why: string): Verdict {
  return { result: -errno, told: { why } };
}

/** "1,4-6" → 1, 4, 5, 6; ascending, each once. */
function cpusOf(text: string): number[] {
  const cpus = new Set<number>();
  for (const part of text.split(',')) {
    const [first, last = first] = part.split('-').map(Number);
    for (let cpu = first; cpu <= last; cpu++) cpus.add(cpu);
  }
  return [...cpus].sort((a, b) => a - b);
}
