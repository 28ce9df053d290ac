/** The tables of the Nitro profile: rows, error numbers and quirks are complete and consistent. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { decide, runInPlace } from '../../core/host/step.js';
import {
  codeOf,
  DRIVER_ERRORS,
  errorName,
  numberOf,
  rcOf,
} from '../../core/platform/nitro/errors.js';
import { QUIRKS } from '../../core/platform/nitro/quirks.js';
import { NITRO_RULES } from '../../core/platform/nitro/rules.js';
import { nitroHost } from '../kit/hosts.js';
import { readyHost } from './nitro-host.js';

/** Rows of the parent itself, without which there is no driver to ask. */
const PARENT_ROWS = ['nitro.parent-running', 'nitro.parent-type'];

/** What the rule book counts under each requirement, in the order of a launch. */
const ENACTED: Readonly<Record<string, readonly string[]>> = {
  Q13: ['parent-type'],
  // a slot lives from INIT to its close, and takes nothing once it has started
  N08: ['in-init-state', 'hypervisor-slot-started'],
  // arguments and their bounds
  N11: [
    ...['memory-size', 'page-huge', 'page-size', 'memory-max-ranges'],
    ...['start-flags', 'start-cid', 'start-min-memory'],
  ],
  // whole cores and pages of one node, each with one owner
  N12: [
    ...['pool-in-use', 'pool-one-node', 'pool-not-cpu0', 'pool-not-cpu0-sibling'],
    ...['pool-full-cores', 'hypervisor-cpu-donated', 'map-page-available', 'page-node'],
    ...['vcpu-in-pool', 'vcpu-left-in-pool', 'start-full-cores', 'hypervisor-vcpu-owner'],
    ...['hypervisor-vcpu-offline', 'hypervisor-core-free', 'hypervisor-memory-shared'],
    ...['hypervisor-memory-owner', 'hypervisor-one-node'],
  ],
  // who may ask
  N15: ['pool-capability', 'creator-only'],
  N22: ['hypervisor-slots'],
};

describe('rule rows', () => {
  it('ids are unique, and each code is a known number', () => {
    const ids = NITRO_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { codes } of NITRO_RULES) {
      for (const code of codes) expect(numberOf(code)).toBeGreaterThan(0);
    }
  });

  it('each says where it is written, who checks it and what to do about it', () => {
    for (const { id, source, sentence, remedy, checkedAt } of NITRO_RULES) {
      expect(id).toMatch(/^nitro\.[a-z0-9-]+$/);
      expect(source).toMatch(
        /^(EC2 \w+, \w+; )?nitro RULES\.md (§\d|finding \d|conformance format|Linux )/,
      );
      expect([sentence, remedy].map((text) => /^.+\.$/.test(text))).toEqual([true, true]);
      expect(checkedAt).toBe(PARENT_ROWS.includes(id) ? 'parent' : 'driver');
    }
  });

  it('the rows that enact each requirement', () => {
    const rows: Record<string, string[]> = {};
    for (const { id, requirements } of NITRO_RULES) {
      for (const one of requirements) rows[one] = [...(rows[one] ?? []), id.replace('nitro.', '')];
    }
    expect(rows).toEqual(ENACTED);
  });

  it('every error of the driver has a row that raises it', () => {
    const raised = new Set(NITRO_RULES.flatMap(({ codes }) => codes));
    for (const { number } of DRIVER_ERRORS) expect(raised).toContain(`NE ${number}`);
  });
});

describe('error numbers', () => {
  it('256 to 275 in order; a name and a code for each, and for errno numbers', () => {
    expect(DRIVER_ERRORS.map(({ number }) => number)).toEqual(
      Array.from({ length: 20 }, (_, i) => 256 + i),
    );
    expect([errorName(264), codeOf(264)]).toEqual(['NE_ERR_MEM_DIFFERENT_NUMA_NODE', 'NE 264']);
    expect([errorName(133), codeOf(14), codeOf(255)]).toEqual(['EHWPOISON', 'EFAULT', 'errno 255']);
    expect([numberOf('NE 275'), numberOf('errno 255'), numberOf('QT 10')]).toEqual([
      275,
      255,
      undefined,
    ]);
  });
});

describe('error names', () => {
  // include/uapi/linux/nitro_enclaves.h, in order from 256 on
  const NAMES = [
    ...['VCPU_ALREADY_USED', 'VCPU_NOT_IN_CPU_POOL', 'VCPU_INVALID_CPU_CORE'],
    ...['INVALID_MEM_REGION_SIZE', 'INVALID_MEM_REGION_ADDR', 'UNALIGNED_MEM_REGION_ADDR'],
    ...['MEM_REGION_ALREADY_USED', 'MEM_NOT_HUGE_PAGE', 'MEM_DIFFERENT_NUMA_NODE'],
    ...['MEM_MAX_REGIONS', 'NO_MEM_REGIONS_ADDED', 'NO_VCPUS_ADDED', 'ENCLAVE_MEM_MIN_SIZE'],
    ...['FULL_CORES_NOT_USED', 'NOT_IN_INIT_STATE', 'INVALID_VCPU', 'NO_CPUS_AVAIL_IN_POOL'],
    ...['INVALID_PAGE_SIZE', 'INVALID_FLAG_VALUE', 'INVALID_ENCLAVE_CID'],
  ];

  it('are those of the header, each with a meaning, a text and a remedy', () => {
    expect(DRIVER_ERRORS.map(({ name }) => name)).toEqual(NAMES.map((name) => `NE_ERR_${name}`));
    for (const { meaning, text, remedy } of DRIVER_ERRORS) {
      for (const words of [meaning, text, remedy]) expect(words).toMatch(/\w+ \w+/);
    }
  });

  it.each([
    [1, 'EPERM'],
    [5, 'EIO'],
    [9, 'EBADF'],
    [11, 'EAGAIN'],
    [12, 'ENOMEM'],
    [13, 'EACCES'],
    [14, 'EFAULT'],
    [16, 'EBUSY'],
    [17, 'EEXIST'],
    [18, 'EXDEV'],
    [19, 'ENODEV'],
    [22, 'EINVAL'],
    [23, 'ENFILE'],
    [24, 'EMFILE'],
    [25, 'ENOTTY'],
    [28, 'ENOSPC'],
    [34, 'ERANGE'],
    [39, 'ENOTEMPTY'],
    [75, 'EOVERFLOW'],
    [98, 'EADDRINUSE'],
    [110, 'ETIMEDOUT'],
    [114, 'EALREADY'],
    [133, 'EHWPOISON'],
    [257, 'NE 257'],
    [4095, 'errno 4095'],
  ])('%i and "%s" name each other, as errno.h of Linux has it', (number, code) => {
    expect([codeOf(number), numberOf(code)]).toEqual([code, number]);
    const refusal = { layer: 'driver', rule: 'nitro.any', message: '', numbers: {} } as const;
    expect(rcOf({ ...refusal, codes: ['E29', code], remedy: '' })).toBe(-number);
  });

  it('a refusal without a number is no answer of the kernel', () => {
    const refusal = { layer: 'driver', rule: 'nitro.any', message: '', numbers: {} } as const;
    for (const codes of [[], ['QT 10']]) {
      expect(() => rcOf({ ...refusal, codes, remedy: '' })).toThrow('nitro.any');
    }
  });
});

describe('quirks', () => {
  it('each is of the program whose folder enacts it, and says where it is written', () => {
    const folders = {
      driver: 'platform/nitro/',
      reservation: 'device/reservation/',
      'nitro-cli': 'device/nitro-cli/',
    };
    for (const [program, folder] of Object.entries(folders)) {
      const named = quirksNamedIn([`../../core/${folder}`]);
      const own = QUIRKS.filter((quirk) => quirk.program === program).map(({ id }) => id);
      expect(own.filter((id) => !named.includes(id))).toEqual([]);
      expect(own.length).toBeGreaterThan(5);
    }
    for (const { source, sentence } of QUIRKS) {
      expect(source).toMatch(/^(§\d|(script |cli )?finding \d|operation \w)/);
      expect(sentence).toMatch(/^.+\.$/);
    }
  });

  it('every quirk that a file names is listed, and every listed one is named where it is enacted', () => {
    const folders = ['../../core/platform/nitro/', '../../core/device/reservation/'];
    folders.push('../../core/device/nitro-cli/');
    const named = quirksNamedIn(folders);
    const listed = QUIRKS.map(({ id }) => id);
    expect(new Set(listed).size).toBe(listed.length);
    expect([...new Set(named)].sort()).toEqual([...listed].sort());
  });
});

function quirksNamedIn(folders: readonly string[]): string[] {
  const text = folders
    .map((folder) => new URL(folder, import.meta.url))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.ts') && name !== 'quirks.ts')
        .map((name) => readFileSync(new URL(name, folder), 'utf8')),
    )
    .join('\n');
  return [...text.matchAll(/quirk[\s*]+`([a-z0-9-]+)`/gi)].map(([, id]) => id);
}

describe('diagnose', () => {
  const commands: readonly Command[] = [
    { kind: 'nitro.write-pool', text: '1-2,5-6\n' },
    { kind: 'nitro.write-pool', text: '\n' },
    { kind: 'nitro.write-hugepages', node: 0, pageKib: 2048, text: '-1' },
    { kind: 'nitro.create-vm', task: 0 },
    { kind: 'nitro.map-page', task: 0, pageKib: 2048 },
    { kind: 'nitro.touch', address: 0, localNode: 0 },
    { kind: 'nitro.unmap', address: 0 },
    { kind: 'nitro.hotplug', cpu: 1, online: false },
    { kind: 'nitro.close', slot: 9 },
  ];

  it.each(commands)('$kind: every row once, and the refusing row refuses', (command) => {
    const host = nitroHost();
    const verdicts = host.profile.diagnose(host, command) ?? [];
    const ids = verdicts.map(({ rule }) => rule);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(1);
    const { refusal } = decide(host, command);
    const refusing = verdicts.filter(({ outcome }) => outcome.verdict === 'refuse');
    if (refusal === undefined) expect(refusing).toEqual([]);
    else expect(refusing.map(({ rule }) => rule)).toContain(refusal.rule);
  });

  it('rows about CPUs are not applicable to a text that names none', () => {
    const host = nitroHost();
    const verdicts = host.profile.diagnose(host, { kind: 'nitro.write-pool', text: '\n' }) ?? [];
    const cpu0 = verdicts.find(({ rule }) => rule === 'nitro.pool-not-cpu0');
    expect(cpu0?.outcome.verdict).toBe('not-applicable');
  });

  it('a pool in use says how many enclaves there are', () => {
    const host = readyHost(0);
    for (const enclaves of ['1 enclave exists', '2 enclaves exist']) {
      runInPlace(host, { kind: 'nitro.create-vm', task: 1 });
      const verdicts = host.profile.diagnose(host, { kind: 'nitro.write-pool', text: '1,5' }) ?? [];
      const inUse = verdicts.find(({ rule }) => rule === 'nitro.pool-in-use')?.outcome;
      expect(inUse).toMatchObject({ verdict: 'refuse', message: enclaves });
    }
  });
});
