/**
 * The driver against a naive twin: random hosts, random calls, every result, every request and every
 * change of state, replayed as a recording would be.
 *
 * The twin was written from the conformance format alone and shares no code with core/.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replayVector } from '../../scenarios/conform/vector-kinds.js';
import { scaledRuns } from '../seed.js';
import { naiveDriver } from './naive-driver.js';
import { randomHost, randomOp } from './naive-driver-ops.js';
import { type RecordedStep, recordStep } from './naive-record.js';

const CALLS = 120;

/** Outcomes that must come up somewhere, or the sequences were too tame. */
const SOMETIMES = [
  ...['setCpuPool ok', 'setCpuPool offline-failed', 'setCpuPool partial-core', 'setCpuPool empty'],
  ...['createVm ok', 'createVm EFAULT', 'addVcpu ok', 'addVcpu EIO', 'startEnclave ok'],
  ...['addVcpu NE_ERR_VCPU_NOT_IN_CPU_POOL', 'startEnclave NE_ERR_FULL_CORES_NOT_USED'],
  ...['setUserMemoryRegion ok', 'setUserMemoryRegion NE_ERR_MEM_MAX_REGIONS'],
  ...['setUserMemoryRegion NE_ERR_INVALID_PAGE_SIZE', 'exitEvent ok', 'pciRemove ok', 'ioctl ok'],
];

/** A vector of the naive driver; the entropy decides the host and every call. */
function recorded(seed: number): { host: object; steps: RecordedStep[] } {
  const draw = drawFrom(seed);
  const host = randomHost(draw);
  const driver = naiveDriver(host);
  const steps: RecordedStep[] = [];
  for (let i = 0; i < CALLS; i++) {
    const op = randomOp(host, driver, draw);
    if (op !== undefined) steps.push(recordStep(driver, host.maxMemRegions, op));
  }
  return { host, steps };
}

/** xorshift32: whole numbers below a bound. */
function drawFrom(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
  return (below) => {
    state = (state ^ (state << 13)) >>> 0;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state % below;
  };
}

function outcomeOf([[name], { err, why }]: RecordedStep): string {
  return `${name} ${String(why ?? err ?? 'ok')}`;
}

describe('driver against its naive twin', () => {
  it(
    'agrees on every result, request and change of state',
    () => {
      const reached = new Set<string>();
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const vector = recorded(seed);
          for (const step of vector.steps) reached.add(outcomeOf(step));
          const replayed = replayVector(
            JSON.parse(JSON.stringify({ id: `naive-${seed}`, ...vector })),
          );
          expect(replayed).toMatchObject({ kind: 'driver', differences: [] });
        }),
        { numRuns: scaledRuns(70) },
      );
      expect(SOMETIMES.filter((outcome) => !reached.has(outcome))).toEqual([]);
    },
    Math.max(60_000, scaledRuns(60_000)),
  );

  it('a twin that forgets one quirk is found out', () => {
    const steps: RecordedStep[] = [
      [['setCpuPool', '1-2\n'], { rc: 0 }, {}],
      [['createVm'], { rc: 4, fd: 4, slot: 1 }, { enclaves: { '1': { fd: 4 } } }],
      // Without quirk core-kept a refused vCPU would give its core back.
      [['addVcpu', 4, 1, { mm: 1 }], { rc: -5, err: 'EIO' }],
    ];
    const host = { nrCpuIds: 3, cores: ['0', '1', '2'], nodes: { '0': '0-2' }, maxMemRegions: 4 };
    const replayed = replayVector({ id: 'planted', host, steps });
    if ('malformed' in replayed) throw new Error(replayed.malformed);
    expect(replayed.differences.map(({ step }) => step)).toEqual([0, 2]);
  });
});
