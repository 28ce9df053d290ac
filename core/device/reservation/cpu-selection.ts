/**
 * Choosing the CPU pool from a mere count: the checks on the count and the cores of one node.
 *
 * Invariant: what `pickCpus` returns is whole cores in the order met, never CPU 0 or a sibling of
 * it. Trade-off: capacity and cores are two separate looks, as in the script: capacity counts CPUs
 * of the node, while a core may be short of an offline thread, so a node can pass the first look
 * and still yield too few. Source: script v1.5.0, configure_cpu_pool_by_cpu_count.
 */
import { arithmeticConstant, isDigits, testOperand } from './arithmetic.js';
import type { CpuListing } from './cpu-listing.js';
import { type Exit, exitWith, silentExit } from './exits.js';

/** The count as a number, or the first check it fails, in the script's order. */
export function readCpuCount(value: string, listing: CpuListing): number | Exit {
  const { cpus, threadsPerCore } = listing;
  if (!isDigits(value)) {
    return exitWith('cpu-count-invalid', `The CPU count value (${value}) is invalid.`, {
      value,
    });
  }
  const count = testOperand(value);
  if (count === undefined || count === 0n) {
    return exitWith('cpu-count-zero', 'Provided CPU count is not higher than 0.', { value });
  }
  if (count > BigInt(cpus)) {
    const text = `Provided CPU count is higher than available CPUs - ${cpus}.`;
    return exitWith('cpu-count-exceeds-host', text, { value, cpus });
  }
  const asConstant = arithmeticConstant(value);
  if (asConstant === undefined) {
    return silentExit(`The shell reads the CPU count ${value} as octal and stops.`, { value });
  }
  if (asConstant % BigInt(threadsPerCore) !== 0n) {
    const text = `The CPU count is not multiple of ${threadsPerCore} (threads per core).`;
    return exitWith('cpu-count-partial-core', text, { value, threadsPerCore });
  }
  return Number(count);
}

/** CPUs the script believes a node can give. */
export function nodeCapacity(listing: CpuListing, node: number): number {
  const kept = node === listing.cpu0Node ? listing.threadsPerCore : 0;
  return listing.onNode(node).length - kept;
}

/**
 * Whole cores of a node until `count` CPUs are had. The result is shorter, or longer, when whole
 * cores do not add up to the count.
 */
export function pickCpus(listing: CpuListing, node: number, count: number): number[] {
  const picked: number[] = [];
  for (const cpu of listing.onNode(node)) {
    // CPU 0 is left out of its own core, which is short of it and never whole.
    const threads = listing.threadsBeside0(cpu);
    if (threads.length !== listing.threadsPerCore) continue;
    for (const thread of threads) {
      if (!picked.includes(thread)) picked.push(thread);
    }
    if (picked.length === count) break;
  }
  return picked;
}
