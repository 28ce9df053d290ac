/**
 * The shape of a line of driver.jsonl: which calls there are and what each takes.
 *
 * One row a call. Invariant: a line that passes has no call, operand or option that the replay does
 * not know, so a malformed line is told as such and never replayed in part. Results and changes of
 * state are only asked to be objects: they are compared, never used.
 */
import * as z from 'zod';

type OperandCheck = (value: unknown) => boolean;

const isInteger: OperandCheck = (value) => Number.isSafeInteger(value);
const isText: OperandCheck = (value) => typeof value === 'string';
const isBit: OperandCheck = (value) => value === 0 || value === 1;
/** A plain number, or text such as "0xffffffffffffffff". */
const isU64: OperandCheck = (value) =>
  typeof value === 'string'
    ? /^0x[0-9a-f]{1,16}$/i.test(value)
    : Number.isSafeInteger(value) && (value as number) >= 0;
const isPageSize: OperandCheck = (value) => isInteger(value) && (value as number) > 0;

/** Pages of one mapping: more than any parent has. */
const MOST_PAGES = 1_048_576;

const isRuns: OperandCheck = (value) => {
  if (!Array.isArray(value)) return false;
  let pages = 0;
  for (const run of value) {
    if (!Array.isArray(run) || run.length !== 2 || !isU64(run[0])) return false;
    if (!isInteger(run[1]) || run[1] < 0) return false;
    pages += run[1];
  }
  return pages <= MOST_PAGES;
};

const REQUESTS = new Set(
  'SLOT_ALLOC SLOT_ADD_VCPU SLOT_ADD_MEM ENCLAVE_START ENCLAVE_STOP SLOT_FREE SLOT_INFO'
    .split(' ')
    .concat('CPU_OFFLINE CPU_ONLINE GUP FD ANON_INODE'.split(' ')),
);
const isRequest: OperandCheck = (value) => typeof value === 'string' && REQUESTS.has(value);

/** Call → its operands, in order. */
const CALLS: ReadonlyMap<string, readonly OperandCheck[]> = new Map([
  ['setCpuPool', [isText]],
  ['createVm', []],
  ['addVcpu', [isInteger, isInteger]],
  ['getImageLoadInfo', [isInteger, isU64]],
  ['mmap', [isU64, isPageSize, isInteger, isBit, isRuns]],
  ['munmap', [isU64]],
  ['setUserMemoryRegion', [isInteger, isU64, isU64, isU64]],
  ['startEnclave', [isInteger, isU64, isU64]],
  ['close', [isInteger]],
  ['exitEvent', [isInteger, isInteger]],
  ['poll', [isInteger]],
  ['ioctl', [isInteger, isInteger]],
  ['failNext', [isRequest, isInteger, isInteger]],
  ['cpuHotplug', [isInteger, isBit]],
  ['pciRemove', []],
  ['pciProbe', []],
]);

const callOptions = z.strictObject({
  mm: z.int().min(0).optional(),
  fault: z.enum(['in', 'out']).optional(),
  cap: z.boolean().optional(),
});

/** What is wrong with one recorded call, in words; undefined = nothing. */
function callFault(call: readonly unknown[]): string | undefined {
  const [name, ...given] = call;
  const checks = typeof name === 'string' ? CALLS.get(name) : undefined;
  if (checks === undefined) return `the format has no call ${JSON.stringify(name)}`;
  const operands = given.slice(0, checks.length);
  const options = given.slice(checks.length);
  if (operands.length < checks.length || options.length > 1) {
    return `${name} takes ${checks.length} operands and at most one object of options`;
  }
  const wrong = checks.findIndex((check, i) => !check(operands[i]));
  if (wrong >= 0) return `operand ${wrong + 1} of ${name} is malformed`;
  if (options.length > 0 && !callOptions.safeParse(options[0]).success) {
    return `${name} has malformed options`;
  }
  return undefined;
}

/** What is wrong with one recorded step, and where in it; undefined = nothing. */
function stepFault(step: unknown): { readonly at: number[]; readonly message: string } | undefined {
  if (!Array.isArray(step)) return { at: [], message: 'a step is a list' };
  const [call, ...outcome] = step as readonly unknown[];
  if (!Array.isArray(call)) return { at: [0], message: 'a call is a list' };
  if (outcome.length < 1 || outcome.length > 2) {
    return { at: [], message: 'a step is a call, its result and at most one change of state' };
  }
  const message = callFault(call);
  if (message !== undefined) return { at: [0], message };
  const wrong = outcome.findIndex((part) => !isObject(part));
  return wrong < 0 ? undefined : { at: [wrong + 1], message: 'results and changes are objects' };
}

/** Looked at by hand, not by a schema: there are many steps, and only the first fault is told. */
const steps = z.array(z.unknown()).superRefine((given, context) => {
  for (const [i, step] of given.entries()) {
    const fault = stepFault(step);
    if (fault === undefined) continue;
    context.addIssue({ code: 'custom', message: fault.message, path: [i, ...fault.at] });
    return;
  }
});

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const nodeCpus = z.record(z.string().regex(/^-?\d{1,5}$/), z.string());

export const driverShape = z.object({
  id: z.string(),
  host: z.object({
    nrCpuIds: z.int().min(1).max(8192),
    cores: z.array(z.string()),
    nodes: nodeCpus,
    maxMemRegions: z.int().min(0),
    offline: z.string().optional(),
  }),
  steps,
});
