/**
 * The CPUs the script reads back from the pool parameter's text, to find their NUMA node.
 *
 * It splits at commas and lets `seq` count each range, so it knows less than the kernel: `N` and
 * blanks behind a number give nothing. Invariant: only CPUs the text names in plain digits.
 * Source: script v1.5.0, try_configure_huge_pages; coreutils seq (white space before a number is
 * skipped, behind it is an error).
 */
import type { Exit } from './exits.js';
import { exitWith } from './exits.js';

const SEQ_NUMBER = /^[ \t\v\f\r]*([0-9]+)$/;

/** CPU ids in the order of the text; empty when it has none that the script understands. */
export function cpusOfPoolText(text: string): number[] {
  const firstLine = text.split('\n', 1)[0];
  return firstLine.split(',').flatMap((group) => {
    const fields = group.split('-');
    const first = SEQ_NUMBER.exec(fields[0]);
    const last = SEQ_NUMBER.exec(fields[Math.min(1, fields.length - 1)]);
    if (first === null || last === null) return [];
    const start = Number(first[1]);
    return Array.from({ length: Math.max(0, Number(last[1]) - start + 1) }, (_, i) => start + i);
  });
}

/** The one NUMA node of these CPUs, or exit 200, 201 or 202. */
export function nodeOfCpus(cpus: readonly number[], nodeOf: readonly number[]): number | Exit {
  if (cpus.length === 0) {
    const text = 'No CPUs are off-line. Please configure the CPU pool first.';
    return exitWith('200-empty-pool', text, {});
  }
  const node = nodeOf[cpus[0]];
  for (const cpu of cpus) {
    const own = nodeOf[cpu] ?? -1;
    if (own < 0) {
      const text =
        'Failed to find NUMA node for a CPU. This indicates an invalid SysFS configuration.';
      return exitWith('201-missing-node', text, { cpu });
    }
    if (own !== node) {
      const text = 'Invalid NUMA node for a CPU. This indicates an invalid CPU ID.';
      return exitWith('202-mixed-nodes', text, { cpu, node: own, poolNode: node });
    }
  }
  return node;
}
