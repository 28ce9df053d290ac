/**
 * Turns a run of the naive driver into a vector: result, requests and change of state of each call.
 *
 * Invariant: the state is taken whole before and after a call and compared field by field; nothing
 * here knows which call changes what. Source: conformance format, section 1.
 */
import { callNaive } from './naive-calls.js';
import { list } from './naive-cpulist.js';
import { hex, type naiveDriver } from './naive-driver.js';
import type { Dict, Json, NaiveEnclave, NaiveOp } from './naive-state.js';

type Driver = ReturnType<typeof naiveDriver>;
export type RecordedStep = [NaiveOp, Dict] | [NaiveOp, Dict, Dict];

const NAMES: Record<number, string> = {
  ...Object.fromEntries(
    (
      '1 EPERM 5 EIO 9 EBADF 11 EAGAIN 12 ENOMEM 14 EFAULT 16 EBUSY 19 ENODEV 22 EINVAL ' +
      '24 EMFILE 25 ENOTTY 28 ENOSPC 34 ERANGE 75 EOVERFLOW 110 ETIMEDOUT 133 EHWPOISON'
    )
      .split(' ')
      .reduce<[string, string][]>((rows, word, i, all) => {
        if (i % 2 === 0) rows.push([word, all[i + 1] ?? '']);
        return rows;
      }, []),
  ),
  ...Object.fromEntries(
    (
      'VCPU_ALREADY_USED VCPU_NOT_IN_CPU_POOL VCPU_INVALID_CPU_CORE INVALID_MEM_REGION_SIZE ' +
      'INVALID_MEM_REGION_ADDR UNALIGNED_MEM_REGION_ADDR MEM_REGION_ALREADY_USED ' +
      'MEM_NOT_HUGE_PAGE MEM_DIFFERENT_NUMA_NODE MEM_MAX_REGIONS NO_MEM_REGIONS_ADDED ' +
      'NO_VCPUS_ADDED ENCLAVE_MEM_MIN_SIZE FULL_CORES_NOT_USED NOT_IN_INIT_STATE INVALID_VCPU ' +
      'NO_CPUS_AVAIL_IN_POOL INVALID_PAGE_SIZE INVALID_FLAG_VALUE INVALID_ENCLAVE_CID'
    )
      .split(' ')
      .map((name, i) => [256 + i, `NE_ERR_${name}`]),
  ),
};

/** Runs one call; `max`: the host's maxMemRegions. */
export function recordStep(driver: Driver, max: number, op: NaiveOp): RecordedStep {
  const before = stateOf(driver, max);
  const result = callNaive(driver, op);
  const rc = Number(result.rc);
  if (rc < 0) result.err = NAMES[-rc] ?? `errno ${-rc}`;
  const hv = driver.takeRequests();
  const quiet = ['createVm', 'addVcpu', 'startEnclave', 'ioctl'].includes(op[0]);
  if (hv.length > 0 && !(quiet && rc >= 0 && hv.length === 1)) result.hv = hv;
  const after = stateOf(driver, max);
  const known = before.enclaves as Dict;
  const { node, parentCores, tpc } = driver.pool();
  for (const uid of Object.keys(after.enclaves as Dict)) {
    known[uid] ??= {
      ...{ state: 'INIT', vcpus: '', cores: {}, mem: 0, nr: 0, regions: {}, event: 0 },
      ...{ max, node, parentCores, tpc, listed: 1 },
    };
  }
  const patch = difference(before, after);
  return patch === undefined ? [op, result] : [op, result, patch];
}

function stateOf(driver: Driver, max: number): Dict {
  const { tpc, parentCores, node, avail } = driver.pool();
  const { offline, param, pinned, bound } = driver.rest();
  const enclaves = driver.enclaves().map((e) => [String(e.uid), enclaveState(e, max)]);
  return {
    pool: { tpc, parentCores, node, avail: coreLists(avail) },
    offline: list(offline),
    ...{ param, pinned, bound },
    enclaves: Object.fromEntries(enclaves),
  };
}

function enclaveState(e: NaiveEnclave, max: number): Dict {
  const regions = e.regions.map((r) => [hex(r.at), [Number(r.size), r.pages]]);
  const { fd, mem, nr, node, parentCores, tpc, event, listed } = e;
  return {
    ...{ fd, state: e.state, vcpus: list(e.vcpus), cores: coreLists(e.cores), mem, nr, max },
    ...{ regions: Object.fromEntries(regions), node, parentCores, tpc, event, listed },
  };
}

function coreLists(cores: readonly Set<number>[]): Dict {
  return Object.fromEntries(
    cores.flatMap((core, i) => (core.size > 0 ? [[String(i), list(core)]] : [])),
  );
}

function difference(before: Dict, after: Dict): Dict | undefined {
  const patch: Dict = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [a, b] = [before[key], after[key]];
    if (b === undefined) patch[key] = null;
    else if (JSON.stringify(a) === JSON.stringify(b)) continue;
    else if (isDict(a) && isDict(b)) {
      const inner = difference(a, b);
      if (inner !== undefined) patch[key] = inner;
    } else patch[key] = b;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

function isDict(value: Json | undefined): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
