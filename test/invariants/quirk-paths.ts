/**
 * Shortest paths to what the real Nitro driver lets happen and isolation forbids.
 *
 * Each is a list of commands on a small host of two nodes (pool on node 1 where it matters), run
 * once before a hypervisor that accepts everything and once before one that isolates. Invariant: a
 * path never looks at the answers, except for the addresses of what it mapped itself.
 */
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';

export interface QuirkPath {
  /** What a parent's administrator or process does, in words. */
  readonly what: string;
  readonly quirk: string;
  /** Why no hypervisor can refuse what is left before the isolating one; absent = nothing is left. */
  readonly beyond?: string;
  /** CPUs offline at boot. */
  readonly offline?: readonly number[];
  readonly run: (take: Take) => void;
}

/** Runs one command; gives the user address it mapped, or 0. */
export type Take = (command: Command) => number;

const PAGE_KIB = 65_536;
const PAGE = BigInt(PAGE_KIB) * 1024n;
const POOL = '4-7,12-15';

const OWN_CPU =
  'a CPU that was never given to an enclave is the parent’s own: running it is no request';
const LISTS = 'which CPUs the driver lists is its own bookkeeping, of which it tells nobody';

export function takeOn(host: Host): Take {
  return (command) => runInPlace(host, command).facts.address ?? 0;
}

function ready(take: Take, pages = '3'): void {
  take({ kind: 'nitro.write-pool', text: POOL });
  take({ kind: 'nitro.write-hugepages', node: 1, pageKib: PAGE_KIB, text: pages });
}

function create(take: Take, task: number): void {
  take({ kind: 'nitro.create-vm', task });
}

function core(take: Take, slot: number, task: number): void {
  for (let i = 0; i < 2; i++) take({ kind: 'nitro.add-vcpu', slot, task, cpu: 0 });
}

function page(take: Take, task: number, localNode = 1): number {
  const address = take({ kind: 'nitro.map-page', task, pageKib: PAGE_KIB });
  take({ kind: 'nitro.touch', address, localNode });
  return address;
}

function give(take: Take, slot: number, task: number, address: number): void {
  const at = { slot, task, flags: 0n, address: BigInt(address), bytes: PAGE };
  take({ kind: 'nitro.set-memory', ...at });
}

function start(take: Take, slot: number, cid = 0n): void {
  take({ kind: 'nitro.start', slot, cid, flags: 0n });
}

/**
 * Enclave 1 keeps the pool's second core (5 and 13), which was never given to it; after an unbind
 * that core becomes the first of a new pool and goes to enclave 2; then 1 returns it as the second.
 */
function listedTwice(take: Take): void {
  take({ kind: 'nitro.write-pool', text: '4-5,12-13' });
  create(take, 1);
  const answers = { SLOT_ADD_VCPU: { nth: 1, errno: 22 } };
  take({ kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu: 5, answers });
  take({ kind: 'nitro.unbind' });
  for (const cpu of [5, 13]) take({ kind: 'nitro.hotplug', cpu, online: true });
  take({ kind: 'nitro.write-pool', text: '5,13' });
  take({ kind: 'nitro.bind' });
  create(take, 2);
  core(take, 2, 2);
  take({ kind: 'nitro.close', slot: 1 });
}

export const QUIRK_PATHS: readonly QuirkPath[] = [
  {
    what: 'a process gives one page to two enclaves of its own',
    quirk: 'no-alias-check',
    run: (take) => {
      ready(take);
      create(take, 1);
      create(take, 1);
      const address = page(take, 1);
      give(take, 1, 1, address);
      give(take, 2, 1, address);
    },
  },
  {
    what: 'two enclaves are started with the same CID',
    quirk: 'cid-not-checked',
    run: (take) => {
      ready(take);
      for (const slot of [1, 2]) {
        create(take, slot);
        core(take, slot, slot);
        give(take, slot, slot, page(take, slot));
        start(take, slot, 20n);
      }
    },
  },
  {
    what: 'the administrator brings an idle CPU of the pool online',
    quirk: 'pool-cpu-online',
    beyond: OWN_CPU,
    run: (take) => {
      ready(take);
      take({ kind: 'nitro.hotplug', cpu: 12, online: true });
    },
  },
  {
    what: "the administrator brings an enclave's vCPU online",
    quirk: 'pool-cpu-online',
    run: (take) => {
      ready(take);
      create(take, 1);
      core(take, 1, 1);
      take({ kind: 'nitro.hotplug', cpu: 4, online: true });
    },
  },
  {
    what: 'a CPU of the pool is online again when an enclave takes it',
    quirk: 'pool-cpu-online',
    beyond: OWN_CPU,
    run: (take) => {
      ready(take);
      take({ kind: 'nitro.hotplug', cpu: 4, online: true });
      take({ kind: 'nitro.hotplug', cpu: 12, online: true });
      create(take, 1);
      core(take, 1, 1);
    },
  },
  {
    what: 'the offline sibling of a lone pool thread comes online beside an enclave',
    quirk: 'pool-lone-thread',
    offline: [12],
    run: (take) => {
      take({ kind: 'nitro.write-pool', text: '4' });
      create(take, 1);
      take({ kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu: 0 });
      take({ kind: 'nitro.hotplug', cpu: 12, online: true });
    },
  },
  {
    what: 'one thread of a pool core is online again when an enclave asks for the other',
    quirk: 'pool-cpu-online',
    beyond: OWN_CPU,
    run: (take) => {
      ready(take);
      take({ kind: 'nitro.hotplug', cpu: 12, online: true });
      create(take, 1);
      take({ kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu: 4 });
    },
  },
  {
    what: 'after unbind and a pool on another node, a forgotten enclave takes cores there',
    quirk: 'unbind-unlists',
    run: (take) => {
      ready(take);
      create(take, 1);
      give(take, 1, 1, page(take, 1));
      take({ kind: 'nitro.unbind' });
      take({ kind: 'nitro.write-pool', text: '1-3,9-11' });
      take({ kind: 'nitro.bind' });
      core(take, 1, 1);
      start(take, 1);
    },
  },
  {
    what: "after unbind, an owned core's threads go online and into a new pool",
    quirk: 'unbind-unlists',
    beyond: LISTS,
    run: (take) => {
      ready(take);
      create(take, 1);
      // Refused by the hypervisor: the core is owned, none of its threads donated.
      const answers = { SLOT_ADD_VCPU: { nth: 1, errno: 22 } };
      take({ kind: 'nitro.add-vcpu', slot: 1, task: 1, cpu: 0, answers });
      take({ kind: 'nitro.unbind' });
      take({ kind: 'nitro.hotplug', cpu: 4, online: true });
      take({ kind: 'nitro.hotplug', cpu: 12, online: true });
      take({ kind: 'nitro.write-pool', text: '4,12' });
    },
  },
  {
    what: 'a core that the pool lists twice after unbind goes to two enclaves',
    quirk: 'unbind-unlists',
    beyond: LISTS,
    run: (take) => {
      listedTwice(take);
      create(take, 3);
      core(take, 3, 3);
    },
  },
  {
    what: 'that core goes online under its enclave when the pool is written after another unbind',
    quirk: 'unbind-unlists',
    run: (take) => {
      listedTwice(take);
      take({ kind: 'nitro.unbind' });
      take({ kind: 'nitro.write-pool', text: '6,14' });
    },
  },
  {
    what: 'a close whose SLOT_FREE fails keeps cores and pages for ever',
    quirk: 'zombie-slot',
    beyond:
      'the hypervisor itself failed to end the slot, so what the slot has cannot be anyone else’s',
    run: (take) => {
      ready(take);
      create(take, 1);
      core(take, 1, 1);
      give(take, 1, 1, page(take, 1));
      take({ kind: 'nitro.close', slot: 1, answers: { SLOT_FREE: { nth: 1, errno: 5 } } });
    },
  },
  {
    what: 'a pool is given back, and the kernel keeps one of its CPUs offline',
    quirk: 'pool-cpu-stays-offline',
    beyond: 'no enclave has the CPU, and it is the kernel that keeps it: no request is about it',
    run: (take) => {
      ready(take);
      take({ kind: 'nitro.write-pool', text: '', answers: { CPU_ONLINE: { nth: 1, errno: 5 } } });
    },
  },
  {
    what: 'a page of the wrong node stays pinned after the last enclave',
    quirk: 'pin-leak',
    beyond:
      'the driver sends no request for a page that failed its check; it only forgets to let it go',
    run: (take) => {
      ready(take, '0');
      take({ kind: 'nitro.write-hugepages', node: 0, pageKib: PAGE_KIB, text: '1' });
      create(take, 1);
      const address = page(take, 1, 0);
      give(take, 1, 1, address);
      take({ kind: 'nitro.unmap', address });
      take({ kind: 'nitro.close', slot: 1 });
    },
  },
  {
    what: 'a fifth enclave is created, though a parent may have four',
    quirk: 'create-takes-no-core',
    run: (take) => {
      ready(take);
      for (let task = 1; task <= 5; task++) create(take, task);
    },
  },
  {
    what: 'a running enclave whose SLOT_INFO fails is given a page and a vCPU more, and started again',
    quirk: 'slot-info-zeroed',
    run: (take) => {
      ready(take);
      create(take, 1);
      core(take, 1, 1);
      give(take, 1, 1, page(take, 1));
      start(take, 1);
      const answers = { SLOT_INFO: { nth: 1, errno: 5 } };
      take({ kind: 'nitro.exit-event', slot: 1, state: 2, answers });
      give(take, 1, 1, page(take, 1));
      core(take, 1, 1);
      start(take, 1);
    },
  },
];
