/**
 * `npm run bench:trace -- FILE.bin --write WORKLOAD [--seed N] [--operations N]`: a workload of the bench as
 * a trace file.
 *
 * Invariant: equal arguments give equal bytes on every machine; the file is whole or not there.
 * Trade-off: the probe workloads end by themselves, whatever number of operations is asked.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { encodeTrace, traceOf } from './trace-file.js';
import { WORKLOADS, type WorkloadName, workload } from './workloads.js';

const MOST_OPERATIONS = 10_000_000;
const DEFAULTS = { seed: '1', operations: '1000000' };

/** What was written, in a line; or what is wrong with the arguments or the file. */
export function writeTrace(args: readonly string[]): { told: string } | { problem: string } {
  const given: Record<string, string | undefined> = { ...DEFAULTS };
  let file: string | undefined;
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const name = arg.slice(2);
    if (['--write', '--seed', '--operations'].includes(arg)) given[name] = rest.shift();
    else if (arg.startsWith('-')) return { problem: `unknown option ${arg} beside --write` };
    else if (file === undefined) file = arg;
    else return { problem: `one trace file at a time, not ${arg} too` };
  }
  const { write: name = '' } = given;
  if (!isWorkload(name)) {
    const known = Object.keys(WORKLOADS).join(', ');
    return { problem: `no workload "${name}"; known: ${known}` };
  }
  const seed = Number(given.seed);
  if (!Number.isInteger(seed) || Math.abs(seed) >= 2 ** 31) {
    return { problem: `seed ${given.seed}: a whole number of 32 bits is needed` };
  }
  const operations = Number(given.operations);
  if (!Number.isInteger(operations) || operations < 1 || operations > MOST_OPERATIONS) {
    const range = `a whole number from 1 to ${MOST_OPERATIONS} is needed`;
    return { problem: `${given.operations} operations: ${range}` };
  }
  if (file === undefined) return { problem: 'which file is it to be written to?' };
  const trace = traceOf(workload(name, seed, operations));
  const half = `${file}.${process.pid}.half`;
  try {
    writeFileSync(half, encodeTrace(trace));
    renameSync(half, file);
  } catch (error) {
    rmSync(half, { force: true });
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  return { told: `${file}: ${name}, seed ${seed}, ${trace.operations} operations` };
}

function isWorkload(name: string): name is WorkloadName {
  return Object.hasOwn(WORKLOADS, name);
}
