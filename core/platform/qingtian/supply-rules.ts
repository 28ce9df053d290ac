/**
 * Start rules on what the pool has left: whole cores and pages on one NUMA node.
 *
 * Invariant: each row considers only nodes that passed the rows before it, so that "enough in total
 * but on different nodes" is refused by the first thing that no single node has.
 * Source: QingTian Enclave user guide, constraints.
 */
import { allows, notApplicable, PASS as PASSED, type Rule, refuse } from '../rule.js';
import type { StartContext } from './context.js';
import { type NodeSupply, reservedPool, supplyOf, wholeThreads } from './pool-supply.js';

// Its own constant: V8 folds it into each check.
const PASS = PASSED;

type StartRule = Rule<StartContext>;

const SOURCE = 'QingTian Enclave user guide, constraints';

const poolCpus: StartRule = {
  id: 'pool-cpus',
  sentence: 'All vCPUs come as whole physical cores from the pool, on one NUMA node.',
  source: SOURCE,
  requirements: ['Q26', 'Q23', 'Q28', 'Q01'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Reserve more whole cores on one node, or ask for fewer vCPUs.',
  check: (context) => {
    if (supplyOf(context).byCores.length > 0) return PASS;
    const { host, request } = context;
    const free = best(supplyOf(context).byLimit, ({ position }) => wholeThreads(host, position));
    const idle = host.tree.pool.avail.reduce((sum, cpus) => sum + cpus.length, 0);
    const numbers = { vcpus: request.vcpus, wholeCoreThreads: free, idleThreads: idle };
    return refuse(numbers, `${request.vcpus} vCPUs asked, whole cores on one node give ${free}`);
  },
};

const poolPages: StartRule = {
  id: 'pool-pages',
  sentence: 'All memory comes from the reserved pages of the node that gives the vCPUs.',
  source: SOURCE,
  requirements: ['Q23', 'Q28', 'Q07'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Reserve more memory on that node, or ask for less.',
  check: (context) => {
    if (supplyOf(context).byPages.length > 0) return PASS;
    const { memoryMib } = context;
    const freeMib = best(supplyOf(context).forPages, (node) => node.freeMib);
    const poolMib = supplyOf(context).nodes.reduce((sum, node) => sum + node.freeMib, 0);
    const numbers = { memoryMib, freeMib, poolMib };
    return refuse(numbers, `${memoryMib} MiB asked, ${freeMib} free on the node of the vCPUs`);
  },
};

const contiguity: StartRule = {
  id: 'contiguity',
  sentence: 'Enclave memory is aligned to its page size and physically contiguous.',
  source: SOURCE,
  requirements: ['Q29'],
  checkedAt: 'start',
  layer: 'platform',
  codes: [],
  remedy: 'Reserve the pool right after boot, or ask for contiguity of each page only.',
  check: (context) => {
    const nodes = supplyOf(context).byPages;
    if (nodes.length === 0) return notApplicable('no node has the pages');
    if (supplyOf(context).byRuns.length > 0) return PASS;
    const { host, memoryMib } = context;
    const largestMib = best(nodes, ({ position }) => {
      const frames = reservedPool(host, position)?.store.largestFreeRun() ?? 0;
      return (frames * host.memory[position].frameKib) / 1024;
    });
    const numbers = { memoryMib, largestRunMib: largestMib };
    return refuse(numbers, `${memoryMib} MiB asked as one run, the longest has ${largestMib}`);
  },
};

/** In declared order. */
export const SUPPLY_RULES: readonly StartRule[] = [poolCpus, poolPages, contiguity];

/** Whether none of them refuses: each asked by its name (see `everyRowAllows`). */
export function supplyRowsAllow(context: StartContext): boolean {
  return (
    allows(poolCpus.check(context)) &&
    allows(poolPages.check(context)) &&
    allows(contiguity.check(context))
  );
}

function best(nodes: readonly NodeSupply[], measure: (node: NodeSupply) => number): number {
  return nodes.reduce((most, node) => Math.max(most, measure(node)), 0);
}
