/** The tables of the Nitro profile: rows, error numbers and quirks are complete and consistent. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import { decide } from '../../core/host/step.js';
import { codeOf, DRIVER_ERRORS, errorName, numberOf } from '../../core/platform/nitro/errors.js';
import { QUIRKS } from '../../core/platform/nitro/quirks.js';
import { NITRO_RULES } from '../../core/platform/nitro/rules.js';
import { nitroHost } from '../kit/hosts.js';

describe('rule rows', () => {
  it('ids are unique, and each code is a known number', () => {
    const ids = NITRO_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { codes } of NITRO_RULES) {
      for (const code of codes) expect(numberOf(code)).toBeGreaterThan(0);
    }
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

describe('quirks', () => {
  it('every quirk that a file names is listed, and every listed one is named where it is enacted', () => {
    const folders = ['../../core/platform/nitro/', '../../core/device/reservation/'];
    folders.push('../../core/device/nitro-cli/');
    const text = folders
      .map((folder) => new URL(folder, import.meta.url))
      .flatMap((folder) =>
        readdirSync(folder)
          .filter((name) => name.endsWith('.ts') && name !== 'quirks.ts')
          .map((name) => readFileSync(new URL(name, folder), 'utf8')),
      )
      .join('\n');
    const named = [...text.matchAll(/quirk[\s*]+`([a-z0-9-]+)`/gi)].map(([, id]) => id);
    const listed = QUIRKS.map(({ id }) => id);
    expect(new Set(listed).size).toBe(listed.length);
    expect([...new Set(named)].sort()).toEqual([...listed].sort());
  });
});

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
});
