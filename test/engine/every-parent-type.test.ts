/** Types of every kind in the catalogue as parents: reserved, launched on, reserved anew. */
import { describe, expect, it } from 'vitest';
import { describeHost } from '../../core/host/describe.js';
import { runProgram } from '../../core/host/program.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import { type InstanceType, listInstanceTypes } from '../../core/topology/catalogue.js';
import { newCarrier } from '../../scenarios/engine/carrier.js';
import { loadPlatform } from '../../scenarios/run/platform.js';
import type { LaunchAsk } from '../../scenarios/run/surface.js';
import type { ReservationInput } from '../../scenarios/schema/scenario.js';

const MOST_MIB = 262_144;

/** Of each kind the type with the least memory: a host of it is quickly made. */
function oneOfEachKind(): InstanceType[] {
  const kinds = new Map<string, InstanceType>();
  const bySize = listInstanceTypes().sort((a, b) => a.memoryMib - b.memoryMib);
  for (const type of bySize) {
    const { enclaves, bareMetal, architecture, numaNodes, vcpus, memoryMib } = type;
    if (architecture.endsWith('_mac') || numaNodes === undefined) continue;
    if (memoryMib > MOST_MIB) continue;
    const kind = [enclaves, bareMetal, architecture, Math.min(numaNodes, 2), Math.min(vcpus, 4)];
    if (!kinds.has(kind.join())) kinds.set(kind.join(), type);
  }
  return [...kinds.values()];
}

const TYPES = oneOfEachKind();

const MIB = 1024;
const image = {
  bytes: 5 * MIB * MIB,
  sections: ['kernel', 'cmdline', 'ramdisk', 'init'] as const,
  os: 'linux',
  kind: 'eif',
} as const;
const LAUNCH: LaunchAsk = {
  ...{ name: 'a', image, vcpus: 2, memoryMib: 512, cid: 16 },
  ...{ debug: false, heartbeat: true, together: false },
};
const ASK = { vcpus: 2, memoryMib: 512, nodes: 1, blind: false, end: 1000 };

const RESERVATIONS: Readonly<Record<string, readonly [ReservationInput, ReservationInput]>> = {
  nitro: [
    { memory: 1024, cpuCount: 2 },
    { memory: 1024, cpuList: '1' },
  ],
  qingtian: [
    { memory: 1024, pageSize: 2 * MIB, cpuCount: 2 },
    { memory: 1024, pageSize: MIB * MIB, cpuCount: 2 },
  ],
};

/** What was refused, in order; undefined = done. */
async function refusalsOn(platform: string, type: string): Promise<(Refusal | undefined)[]> {
  const { profile, newSurface } = await loadPlatform(platform);
  const described = describeHost({ profile, type });
  if ('problems' in described) throw new Error(JSON.stringify(described.problems));
  const { host } = described;
  const [first, anew] = RESERVATIONS[platform];
  const carrier = newCarrier(newSurface, first);
  const said = [carrier.prepare(host)];
  const { refusal, facts } = carrier.launch(host, ASK, undefined);
  said.push(refusal);
  if (facts.uid !== undefined) carrier.end(host, facts.uid, false);
  said.push(carrier.reserve(host, anew));
  const launched = runProgram(host, newSurface().launch(host, LAUNCH));
  said.push(launched.ok ? undefined : launched.refusal);
  return said;
}

describe('parents of every kind of type', () => {
  it('there are some of each', () => {
    expect(TYPES.length).toBeGreaterThan(10);
    expect(TYPES.some(({ enclaves, bareMetal }) => enclaves === 'supported' && !bareMetal)).toBe(
      true,
    );
  });

  it('Q13 refused: without enclave support Nitro refuses by the type, whatever is asked', async () => {
    for (const { name } of TYPES.filter(({ enclaves }) => enclaves === 'unsupported')) {
      const said = await refusalsOn('nitro', name);
      const byType = {
        rule: 'nitro.parent-type',
        numbers: { type: name },
        message: `${name} does not support enclaves`,
        remedy: 'Choose a type for which the catalogue says "enclaves yes".',
      };
      const reserving = { ...byType, layer: 'parent', codes: [] };
      const launching = { ...byType, layer: 'cli', codes: ['E19'] };
      expect(said, name).toEqual([reserving, launching, reserving, launching]);
    }
  });

  it('Q13 holds: with it the type is no reason', async () => {
    for (const { name } of TYPES.filter(({ enclaves }) => enclaves === 'supported')) {
      const rules = (await refusalsOn('nitro', name)).map((refusal) => refusal?.rule);
      expect(rules, name).not.toContain('nitro.parent-type');
    }
  });

  it('QingTian refuses in its own words or takes it', async () => {
    for (const { name, bareMetal } of TYPES) {
      const [first, ...others] = await refusalsOn('qingtian', name);
      expect(first?.rule === 'bare-metal', name).toBe(bareMetal);
      for (const refusal of [first, ...others]) {
        if (refusal !== undefined) expect(refusal.remedy, name).not.toBe('');
      }
    }
  });
});
