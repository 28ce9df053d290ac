/**
 * Small Nitro parents for tests: 8 CPUs in 4 cores on one node, or the same on each of two nodes.
 */
import type { Command } from '../../core/host/command.js';
import { createHost, type Host } from '../../core/host/host.js';
import { type HypervisorModel, NITRO_HYPERVISOR } from '../../core/host/hypervisor.js';
import { runInPlace } from '../../core/host/step.js';
import { createNodeMemory } from '../../core/memory/node-memory.js';
import { nitroProfile } from '../../core/platform/nitro/profile.js';
import { buildTopology } from '../../core/topology/topology.js';

const MIB_PER_NODE = 4096;

export interface NitroHostSpec {
  readonly nodes?: 1 | 2;
  readonly hypervisor?: Partial<HypervisorModel>;
}

/** Cores (0,4) (1,5) (2,6) (3,7) on node 0, as the rule book's worked example; 4 GiB a node. */
export function nitroHost({ nodes = 1, hypervisor = {} }: NitroHostSpec = {}): Host {
  const firsts = Array.from({ length: nodes }, (_, node) => node * 8);
  const built = buildTopology({
    cores: firsts.flatMap((first) => [0, 1, 2, 3].map((core) => [first + core, first + core + 4])),
    nodes: firsts.map((first, id) => ({
      id,
      cpus: Array.from({ length: 8 }, (_, cpu) => first + cpu),
    })),
  });
  if ('problems' in built) throw new Error(JSON.stringify(built.problems));
  const { topology } = built;
  return createHost({
    profile: nitroProfile(),
    options: {},
    parent: {
      flavor: 'custom',
      region: 'any',
      os: 'linux',
      bareMetal: false,
      memoryMib: nodes * MIB_PER_NODE,
    },
    topology,
    hypervisor: { ...NITRO_HYPERVISOR, ...hypervisor },
    memory: topology.nodes.map(({ id }) =>
      createNodeMemory({
        node: id,
        frameKib: 2048,
        frames: MIB_PER_NODE / 2,
        pageSizesKib: topology.pageSizesKib,
      }),
    ),
  });
}

/** Runs a command and answers its return value and, if refused, the rule's id. */
export function run(host: Host, command: Command) {
  const decision = runInPlace(host, command);
  return { ...decision.facts, rule: decision.refusal?.rule, codes: decision.refusal?.codes };
}

/** A host with the pool "1-3,5-7" and `pages` hugepages of 2 MiB on node 0. */
export function readyHost(pages: number, spec: NitroHostSpec = {}): Host {
  const host = nitroHost(spec);
  run(host, { kind: 'nitro.write-pool', text: '1-3,5-7' });
  run(host, { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: `${pages}` });
  return host;
}

/** Maps and touches `pages` pages of 2 MiB for a task; their addresses. */
export function touchedPages(host: Host, task: number, pages: number): number[] {
  return Array.from({ length: pages }, () => {
    const { address = -1 } = run(host, { kind: 'nitro.map-page', task, pageKib: 2048 });
    run(host, { kind: 'nitro.touch', address, localNode: 0 });
    return address;
  });
}

/** Gives an enclave one page by SET_USER_MEMORY_REGION. */
export function give(host: Host, slot: number, task: number, address: number) {
  const bytes = 2n * 1024n * 1024n;
  const at = { slot, task, flags: 0n, address: BigInt(address), bytes };
  return run(host, { kind: 'nitro.set-memory', ...at });
}

/** Creates, equips and starts an enclave of one core and `pages` pages of 2 MiB; its slot. */
export function launch(host: Host, task: number, pages = 32, cid = 0n): number {
  const { slot = -1 } = run(host, { kind: 'nitro.create-vm', task });
  for (const address of touchedPages(host, task, pages)) give(host, slot, task, address);
  run(host, { kind: 'nitro.add-vcpu', slot, task, cpu: 0 });
  run(host, { kind: 'nitro.add-vcpu', slot, task, cpu: 0 });
  run(host, { kind: 'nitro.start', slot, cid, flags: 0n });
  return slot;
}
