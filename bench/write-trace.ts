/**
 * `npm run bench:trace -- FILE.bin --write WORKLOAD [--seed N] [--operations N]`: a workload of the bench as
 * a trace file.
 *
 * Invariant: equal arguments give equal bytes on every machine; the file is whole or not there.
 * Trade-off: the probe workloads end by themselves, whatever number of operations is asked.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileProblem } from './arguments.js';
import { encodeTrace, traceOf } from './trace-file.js';
import { WORKLOADS, type WorkloadName, workload } from './workloads.js';

const MOST_OPERATIONS = 10_000_000;

export interface TraceToWrite {
  readonly file: string;
  readonly workload: string;
  /** Numbers as they were typed. */
  readonly seed?: string | undefined;
  readonly operations?: string | undefined;
}

/** What was written, in a line; or what is wrong with the arguments or the file. */
export function writeTrace(given: TraceToWrite): { told: string } | { problem: string } {
  const { file, workload: name, ...numbers } = given;
  if (!isWorkload(name)) {
    const known = Object.keys(WORKLOADS).join(', ');
    return { problem: `no workload "${name}"; known: ${known}` };
  }
  const seed = Number(numbers.seed ?? 1);
  if (!Number.isInteger(seed) || Math.abs(seed) >= 2 ** 31) {
    return { problem: `seed ${numbers.seed}: a whole number of 32 bits is needed` };
  }
  const operations = Number(numbers.operations ?? 1_000_000);
  if (!Number.isInteger(operations) || operations < 1 || operations > MOST_OPERATIONS) {
    const range = `a whole number from 1 to ${MOST_OPERATIONS} is needed`;
    return { problem: `${numbers.operations} operations: ${range}` };
  }
  const trace = traceOf(workload(name, seed, operations));
  const half = `${file}.${process.pid}.half`;
  try {
    writeFileSync(half, encodeTrace(trace));
    renameSync(half, file);
  } catch (error) {
    rmSync(half, { force: true });
    return { problem: `${file}: ${fileProblem(error)}` };
  }
  return { told: `${file}: ${name}, seed ${seed}, ${trace.operations} operations` };
}

function isWorkload(name: string): name is WorkloadName {
  return Object.hasOwn(WORKLOADS, name);
}
