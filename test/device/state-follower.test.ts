/**
 * What a replay writes down after each call: the change, and the state kept in step with it.
 *
 * The follower only looks at the fields that effects name. Here the whole state is written down anew
 * after every call and must be what the follower holds, and what the changes add up to.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDriver } from '../../core/device/driver.js';
import { type DriverOp, perform } from '../../scenarios/conform/driver-calls.js';
import { driverState } from '../../scenarios/conform/driver-state.js';
import type { Json } from '../../scenarios/conform/merge-patch.js';
import { StateFollower } from '../../scenarios/conform/state-follower.js';
import { nitroHost } from '../platform/nitro-host.js';
import { scaledRuns } from '../seed.js';

const MOST_RANGES = 3;
/** Two of them are the least memory of an enclave. */
const PAGE = 32 * 1024 * 1024;
const PLACES = [1, 2, 3, 4];

const fd = fc.constantFrom(4, 4, 5, 6);
const place = fc.constantFrom(...PLACES).map((k) => k * 4 * PAGE);
const region = (file: number, at: number): DriverOp => ['setUserMemoryRegion', file, 0, at, PAGE];

/** An enclave that is ready to start, and memory to give. */
const BEGIN: readonly DriverOp[] = [
  ['setCpuPool', '1-3,5-7'],
  ...PLACES.map((k): DriverOp => ['mmap', k * 4 * PAGE, PAGE, 0, 1, [[k * 8 * PAGE, 2]]]),
  ['createVm'],
  ['addVcpu', 4, 0],
  ['addVcpu', 4, 0],
  region(4, 4 * PAGE),
  region(4, 8 * PAGE),
];

const op: fc.Arbitrary<DriverOp> = fc.oneof(
  { arbitrary: fc.tuple(fd, place).map(([file, at]) => region(file, at)), weight: 6 },
  { arbitrary: fc.tuple(fc.constant('addVcpu'), fd, fc.nat(8)), weight: 4 },
  {
    arbitrary: fc.tuple(fc.constant('startEnclave'), fd, fc.constant(0), fc.constant(0)),
    weight: 3,
  },
  {
    arbitrary: fc.tuple(fc.constant('exitEvent'), fc.constantFrom(1, 2, 3), fc.constant(65_535)),
    weight: 2,
  },
  { arbitrary: fc.tuple(fc.constant('close'), fd), weight: 2 },
  fc.tuple(fc.constant('cpuHotplug'), fc.nat(8), fc.constantFrom(0, 1)),
  {
    arbitrary: fc.constantFrom<DriverOp>(
      ['createVm'],
      ['createVm'],
      ['pciRemove'],
      ['pciProbe'],
      ['setCpuPool', '2,6'],
      ['setCpuPool', 'x'],
      ['failNext', 'SLOT_FREE', 5, 1],
      ['failNext', 'SLOT_ADD_MEM', 5, 2],
    ),
    weight: 4,
  },
);

/** One call, or two of which the second changes something only after the first. */
const calls: fc.Arbitrary<readonly DriverOp[]> = fc.oneof(
  { arbitrary: op.map((one) => [one]), weight: 6 },
  fc.constantFrom<readonly DriverOp[]>(
    [['pciRemove'], ['pciProbe']],
    [
      ['startEnclave', 4, 0, 0],
      ['exitEvent', 1, 65_535],
    ],
  ),
);

/** Calls that must be seen to change something, or the sequences were too tame. */
const SOMETIMES = (
  'addVcpu close cpuHotplug createVm exitEvent pciProbe pciRemove setCpuPool setUserMemoryRegion ' +
  'startEnclave'
).split(' ');

/** RFC 7386. */
function patched(target: Json | undefined, patch: Json): Json {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const known =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const result: { [key: string]: Json } = { ...known };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = patched(result[key], value);
  }
  return result;
}

/** A change with what it leaves unsaid of new enclaves: the format's defaults. */
function spelledOut(known: Json, change: Json | undefined, after: ReturnType<typeof driverState>) {
  const { node, parentCores, tpc } = after.pool;
  const defaults = { state: 'INIT', vcpus: '', cores: {}, mem: 0, nr: 0, regions: {}, event: 0 };
  const fresh = { ...defaults, max: MOST_RANGES, node, parentCores, tpc, listed: 1 };
  const before = known as typeof after;
  const added = Object.keys(after.enclaves).filter((uid) => !(uid in before.enclaves));
  const enclaves = { ...before.enclaves, ...Object.fromEntries(added.map((uid) => [uid, fresh])) };
  return patched({ ...before, enclaves }, change ?? {});
}

describe('the state written down after each call', () => {
  it('is the whole state, and each change leads from the one before to it', () => {
    const changed = new Set<string>();
    fc.assert(
      fc.property(fc.array(calls, { maxLength: 60 }), (drawn) => {
        const hypervisor = { kind: 'permissive', maxRanges: MOST_RANGES } as const;
        const { tree, ...rest } = nitroHost({ hypervisor });
        const driver = openDriver({ tree, ...rest });
        const follower = new StateFollower(tree, MOST_RANGES);
        for (const call of [...BEGIN, ...drawn.flat()]) {
          const before = structuredClone(follower.state);
          const change = follower.follow(perform(driver, call).answer.effects);
          const after = driverState(tree);
          expect(follower.state).toEqual(after);
          expect(spelledOut(before, change, after)).toEqual(after);
          if (change === undefined) expect(before).toEqual(after);
          else changed.add(call[0]);
        }
      }),
      { numRuns: scaledRuns(60) },
    );
    expect([...changed].sort()).toEqual(SOMETIMES);
  });
});
