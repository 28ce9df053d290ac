/**
 * Sound hosts with two running enclaves each, made by the platforms' own commands: what every planted
 * fault starts from.
 *
 * Invariant: each builder throws if a command it needs was refused, so that a fault is never planted
 * on a host that is not what it seems.
 */
import type { Command, CommandOf } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { runLaunch } from '../../core/platform/qingtian/launch.js';
import { show } from '../kit/audited-run.js';
import { nitroHost, qingtianHost, vmHost } from '../kit/hosts.js';

const MIB = 1024 * 1024;

/** Runs one command in place; throws when it is refused. */
export function must(host: Host, command: Command): Decision {
  const decision = runInPlace(host, command);
  if (decision.refusal !== undefined) {
    throw new Error(`${show(command)}: ${decision.refusal.message}`);
  }
  return decision;
}

/** Enclaves 0 and 1: 2 vCPUs, 128 MiB and CIDs 4 and 5; the parent keeps 8 of its 16 CPUs. */
export function qingtianPair(): Host {
  const host = qingtianHost({ coresPerNode: 8, nodes: 1, memoryMibPerNode: 3072 });
  must(host, {
    kind: 'qingtian.reserve',
    conf: { hugepageSizeMib: 2, memoryMib: 512, cpuCount: 8 },
  });
  for (const cid of [4, 5]) startQingtian(host, cid);
  return host;
}

export function startQingtian(host: Host, cid: number, memoryMib = 128): void {
  runLaunch({ ...qingtianRequest(cid), memoryMib }, (command) => must(host, command));
}

/** 2 vCPUs and 128 MiB. */
export function qingtianRequest(cid: number): CommandOf<'qingtian.launch'>['request'] {
  const sections = ['kernel', 'cmdline', 'ramdisk', 'init'] as const;
  const image = { bytes: 8 * MIB, sections, os: 'linux', kind: 'eif' } as const;
  return { image, vcpus: 2, memoryMib: 128, cid, debug: false, defaulted: [] };
}

/** Slots 1 and 2: one core and one page of 64 MiB each; two nodes, the pool on node 1. */
export function nitroPair(): Host {
  const host = nitroHost({ pageSizesKib: [2048, 65_536] });
  must(host, { kind: 'nitro.write-pool', text: '4-7,12-15' });
  must(host, { kind: 'nitro.write-hugepages', node: 1, pageKib: 65_536, text: '3' });
  for (const slot of [1, 2]) {
    must(host, { kind: 'nitro.create-vm', task: slot });
    for (let thread = 0; thread < 2; thread++) {
      must(host, { kind: 'nitro.add-vcpu', slot, task: slot, cpu: 0 });
    }
    donatePage(host, slot);
    must(host, { kind: 'nitro.start', slot, cid: 0n, flags: 0n });
  }
  return host;
}

/** Maps one page of 64 MiB for the slot's task and gives it to the slot. */
export function donatePage(host: Host, slot: number): void {
  const { address } = must(host, { kind: 'nitro.map-page', task: slot, pageKib: 65_536 }).facts;
  if (address === undefined) throw new Error('a mapped page has no address');
  must(host, { kind: 'nitro.touch', address, localNode: 1 });
  must(host, {
    kind: 'nitro.set-memory',
    slot,
    task: slot,
    flags: 0n,
    address: BigInt(address),
    bytes: BigInt(64 * MIB),
  });
}

/** A Nitro host whose enclaves were closed and whose pages were unmapped. */
export function endedNitro(): Host {
  const host = nitroPair();
  for (const slot of [1, 2]) must(host, { kind: 'nitro.close', slot });
  for (const { address } of [...host.tree.mappings]) must(host, { kind: 'nitro.unmap', address });
  return host;
}

/** VMs 0 and 1 of 3 vCPUs and 101 MiB. */
export function vmPair(): Host {
  const host = vmHost();
  for (let vm = 0; vm < 2; vm++) {
    must(host, { kind: 'vm.launch', vcpus: 3, memoryMib: 101, nodes: 1 });
  }
  return host;
}
