/**
 * The QingTian rules one by one: what breaks each, what keeps it, and what a diagnosis says of it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QingtianConf } from '../../core/host/command.js';
import { decide } from '../../core/host/step.js';
import { fillRequest, SHIPPED_CONF } from '../../core/platform/qingtian/defaults.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { QINGTIAN_VERSIONS, qingtianVersion } from '../../core/platform/qingtian/versions.js';
import { requestOf, type StepArguments } from '../../scenarios/conform/qingtian.js';
import { hostOf, prepared, SEED, SIXTEEN, take } from './qingtian-hosts.js';

const MIB = 1_048_576;

/** A prepared host on which `{cid: 16, cpus: 4, mem: 256}` starts. */
const READY = prepared();
const BUSY = prepared();
take(BUSY, 'launch', { cid: 100, cpus: 2, mem: 128 });

interface Law {
  readonly rule: string;
  readonly host: typeof READY;
  readonly breaks: fc.Arbitrary<StepArguments>;
  readonly keeps: fc.Arbitrary<StepArguments>;
}

const evens = (min: number, max: number) =>
  fc.integer({ min: min / 2, max: max / 2 }).map((half) => half * 2);
const bytes = (min: number, max: number) =>
  fc.integer({ min, max }).map((size) => ({ mem: 256, image: { bytes: size } }));

const LAWS: readonly Law[] = [
  {
    rule: 'cid-range',
    host: READY,
    breaks: fc
      .oneof(
        fc.integer({ max: 3 }),
        fc.nat().map((above) => 4_294_967_295 + above),
      )
      .map(cidOf),
    keeps: fc.integer({ min: 4, max: 4_294_967_294 }).map(cidOf),
  },
  {
    rule: 'cid-free',
    host: BUSY,
    breaks: fc.constant({ cid: 100 }),
    keeps: fc.integer({ min: 101, max: 4_294_967_294 }).map(cidOf),
  },
  {
    rule: 'vcpu-even',
    host: READY,
    breaks: fc.integer({ min: -4, max: 40 }).map((half) => ({ cpus: 2 * half + 1 })),
    keeps: evens(2, 12).map((cpus) => ({ cpus })),
  },
  {
    rule: 'vcpu-node-max',
    host: READY,
    breaks: evens(16, 200).map((cpus) => ({ cpus })),
    keeps: evens(2, 12).map((cpus) => ({ cpus })),
  },
  {
    rule: 'memory-min',
    host: READY,
    breaks: fc.integer({ min: 0, max: 127 }).map((mem) => ({ mem })),
    keeps: evens(128, 512).map((mem) => ({ mem })),
  },
  {
    rule: 'memory-multiple',
    host: READY,
    breaks: evens(128, 2048).map((mem) => ({ mem: mem + 1 })),
    keeps: evens(128, 512).map((mem) => ({ mem })),
  },
  {
    rule: 'memory-max',
    host: READY,
    breaks: evens(514, 4096).map((mem) => ({ mem })),
    keeps: evens(128, 512).map((mem) => ({ mem })),
  },
  {
    rule: 'image-ratio',
    host: READY,
    breaks: bytes(64 * MIB + 1, 1024 * MIB),
    keeps: bytes(1, 64 * MIB),
  },
  {
    rule: 'pool-cpus',
    host: BUSY,
    breaks: fc.constantFrom(12, 14).map((cpus) => ({ cpus })),
    keeps: evens(2, 10).map((cpus) => ({ cpus })),
  },
];

function cidOf(cid: number): StepArguments {
  return { cid };
}

function verdict(host: typeof READY, args: StepArguments): string {
  const request = requestOf(SEED, { cid: 16, cpus: 4, mem: 256, ...args });
  return decide(host, { kind: 'qingtian.define', request }).refusal?.rule ?? 'ok';
}

/** Rules of a reservation on a fresh host, by verdict. */
function reservationVerdicts(conf: QingtianConf) {
  const host = hostOf();
  const by = { pass: [], refuse: [], 'not-applicable': [] } as Record<string, string[]>;
  const verdicts = host.profile.diagnose(host, { kind: 'qingtian.reserve', conf }) ?? [];
  for (const { rule, outcome } of verdicts) {
    by[outcome.verdict].push(rule);
  }
  return by;
}

describe('QingTian start rules as laws', () => {
  it.each(LAWS.map((law) => [law.rule, law] as const))('%s refuses what breaks it', (rule, law) => {
    fc.assert(
      fc.property(law.breaks, (args) => {
        expect(verdict(law.host, args)).toBe(rule);
      }),
    );
  });

  it.each(LAWS.map((law) => [law.rule, law] as const))('%s lets the rest start', (_, law) => {
    fc.assert(
      fc.property(law.keeps, (args) => {
        expect(verdict(law.host, args)).toBe('ok');
      }),
    );
  });
});

describe('QingTian diagnosis', () => {
  it('N11 holds: a diagnosis has one verdict per row, in declared order, whatever is asked', () => {
    const request = fc.record({
      cpus: fc.oneof(fc.integer(), fc.constantFrom(0, 0.5, Number.NaN, Infinity)),
      mem: fc.oneof(fc.integer(), fc.constantFrom(0, 0.5, Number.NaN)),
      cid: fc.integer(),
    });
    fc.assert(
      fc.property(request, fc.constantFrom(READY, BUSY, hostOf()), (args, host) => {
        const command = { kind: 'qingtian.define', request: requestOf(SEED, args) } as const;
        const verdicts = host.profile.diagnose(host, command) ?? [];
        const first = verdicts.find(({ outcome }) => outcome.verdict === 'refuse');
        expect(verdicts).toHaveLength(23);
        expect(decide(host, command).refusal?.rule).toBe(first?.rule);
      }),
    );
  });

  it('N11 refused: every broken row of a reservation is named, the first one decides', () => {
    const numbers = fc.oneof(fc.integer({ min: -9, max: 9999 }), fc.constantFrom(0.5, Number.NaN));
    const conf = fc.record(
      {
        hugepageSizeMib: numbers,
        memoryMib: numbers,
        cpuCount: numbers,
        cpuList: fc.array(fc.integer({ min: -1, max: 20 })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(conf, (asked) => {
        const host = hostOf();
        const command = { kind: 'qingtian.reserve', conf: asked } as const;
        const verdicts = host.profile.diagnose(host, command) ?? [];
        const first = verdicts.find(({ outcome }) => outcome.verdict === 'refuse');
        expect(verdicts).toHaveLength(19);
        expect(decide(host, command).refusal?.rule).toBe(first?.rule);
      }),
    );
  });

  it('says "not applicable" of a row that an option or a missing pool switches off', () => {
    const host = hostOf();
    const request = requestOf(SEED, { cid: 16 });
    const verdicts = host.profile.diagnose(host, { kind: 'qingtian.define', request }) ?? [];
    const off = verdicts.flatMap(({ rule, outcome }) =>
      outcome.verdict === 'not-applicable' ? [rule] : [],
    );
    expect(off).toEqual(['launch-race', 'memory-multiple', 'memory-max', 'contiguity']);
  });

  it.each([
    ['missing', {}, ['conf-complete'], ['hugepage-size', 'pool-contiguity']],
    ['of 4 MiB', { hugepageSizeMib: 4 }, ['hugepage-size'], ['pool-contiguity']],
    ['of no number', { hugepageSizeMib: Number.NaN }, ['hugepage-size'], ['pool-contiguity']],
  ])('Q29 holds: a hugepage_size %s does not read as fragmented memory', (_, size, no, off) => {
    const conf = { memoryMib: 1024, cpuCount: 4, ...size };
    const seen = reservationVerdicts(conf);
    expect(seen.refuse).toEqual(expect.arrayContaining(no));
    expect(seen.refuse).not.toContain('pool-contiguity');
    expect(seen['not-applicable']).toEqual(off);
  });

  it('Q29 holds: contiguity is judged only where a node has the CPUs and the memory', () => {
    const asked = { hugepageSizeMib: 2, memoryMib: 1024 };
    const away = ['pool-memory-free', 'pool-contiguity'];
    expect(reservationVerdicts({ ...asked, cpuCount: 16 })['not-applicable']).toEqual(away);
    expect(reservationVerdicts(asked)['not-applicable']).toEqual(away);
    const large = reservationVerdicts({ ...asked, memoryMib: 8194, cpuCount: 4 });
    expect(large).toMatchObject({
      refuse: ['parent-floor-memory', 'pool-memory-free'],
      'not-applicable': ['pool-contiguity'],
    });
  });

  it('has no rows for other commands', () => {
    expect(READY.profile.diagnose(READY, { kind: 'qingtian.unreserve' })).toBeUndefined();
  });
});

describe('QingTian versions and options', () => {
  it('Q15 holds: the default shape is a 1 GiB page, 1 GiB and 2 vCPUs, and is recorded', () => {
    const { image } = requestOf(SEED, {});
    expect(SHIPPED_CONF).toEqual({ hugepageSizeMib: 1024, memoryMib: 1024, cpuCount: 2 });
    expect(fillRequest(qingtianVersion('2024-04'), { image })).toMatchObject({
      vcpus: 2,
      memoryMib: 1024,
      cid: 4,
      debug: false,
      defaulted: ['cpus', 'mem', 'cid'],
    });
  });

  it('Q15 holds: an accepted start reports what was defaulted', () => {
    const host = hostOf();
    take(host, 'reserve', { hugepage_size: 1024, memory_mib: 1024, cpu_count: 2 });
    const { facts } = take(host, 'define', { cid: 16 });
    expect(facts.events).toEqual([
      { name: 'enclave.requested', uid: 0, detail: { defaulted: ['cpus', 'mem'] } },
    ]);
  });

  it('Q33 holds: no version charges for an enclave', () => {
    expect(QINGTIAN_VERSIONS.map(({ enclavePrice }) => enclavePrice)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('Q33 refused: a price is no option', () => {
    const resolved = qingtianProfile().resolveOptions({ enclavePrice: 1 });
    expect(resolved).toEqual({
      problems: [expect.stringMatching(/^option enclavePrice is unknown; known: vcpuTotalScope/)],
    });
  });

  it('N11 holds: every default is an allowed value, and the host gets it', () => {
    for (const { id } of QINGTIAN_VERSIONS) {
      const profile = qingtianProfile(id);
      const resolved = profile.resolveOptions({});
      if ('problems' in resolved) throw new Error(resolved.problems.join());
      expect(profile.resolveOptions(resolved.options)).toEqual(resolved);
      expect(profile.id).toBe(`qingtian@${id}`);
    }
  });

  it.each([
    ['vcpuTotalScope', 'most'],
    ['maxEnclaves', 0],
    ['maxEnclaves', 2.5],
    ['maxEnclaves', true],
    ['contiguity', 1],
  ])('N11 refused: option %s = %s', (name, value) => {
    const resolved = qingtianProfile().resolveOptions({ [name]: value });
    expect(resolved).toHaveProperty('problems.length', 1);
  });

  it('N11 holds: an inherited name is no option', () => {
    expect(qingtianProfile().resolveOptions({ toString: 1 })).toHaveProperty('problems.length', 1);
  });

  it('throws on a version that does not exist', () => {
    // A caller's mistake: ids are a closed list.
    expect(() => qingtianVersion('2021-01' as '2022-10')).toThrow(/2021-01/);
  });

  it('gives every rule an id of its own, a sentence, a source and a remedy', () => {
    for (const { id } of QINGTIAN_VERSIONS) {
      const { rules } = qingtianProfile(id);
      expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
      for (const rule of rules) {
        expect(rule.sentence).toMatch(/\.$/);
        expect(rule.remedy).toMatch(/\.$/);
        expect(rule.source).not.toBe('');
        expect(rule.requirements.length).toBeGreaterThan(0);
      }
    }
  });

  it('N24 holds: rounding up and whole cores report their waste in numbers', () => {
    const host = prepared({ ...SIXTEEN, options: { memoryRounding: 'round-up' } });
    const { facts } = take(host, 'define', { cid: 16, cpus: 2, mem: 129 });
    expect(facts.events?.[1]).toEqual({
      name: 'waste.page-rounding',
      uid: 0,
      detail: { askedMib: 129, givenMib: 130, wastedMib: 1 },
    });
    const wide = prepared({ ...SIXTEEN, threadsPerCore: 4 });
    expect(take(wide, 'define', { cid: 16, cpus: 2, mem: 256 }).facts.events?.[1]).toEqual({
      name: 'waste.whole-cores',
      uid: 0,
      detail: { askedVcpus: 2, takenThreads: 4, wastedThreads: 2 },
    });
  });

  it('N24 refused: without the option a size that would waste a part of a page', () => {
    expect(take(prepared(), 'define', { cid: 16, mem: 129 }).refusal?.rule).toBe('memory-multiple');
  });
});
