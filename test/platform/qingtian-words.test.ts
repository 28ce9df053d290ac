/**
 * What the QingTian profile says, to the letter: its rows, its codes, its dated documents and options,
 * and each refusal with its numbers, in golden files.
 *
 * Who scripts against the tool reads ids, codes and numbers; a changed line is a changed platform and
 * has to be seen in a review. The laws behind the lines are tested by qingtian-rules.test.ts.
 */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import { derivedLines } from '../../core/platform/derived.js';
import { QT_CODES } from '../../core/platform/qingtian/codes.js';
import { parentContext } from '../../core/platform/qingtian/context.js';
import { QINGTIAN_OPTIONS } from '../../core/platform/qingtian/options.js';
import { PARENT_RULES } from '../../core/platform/qingtian/parent-rules.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import {
  documentedParent,
  QINGTIAN_VERSIONS,
  qingtianVersion,
} from '../../core/platform/qingtian/versions.js';
import {
  buildQingtianHost,
  type QingtianHostRow,
  requestOf,
} from '../../scenarios/conform/qingtian.js';
import { hostOf, prepared, SEED, SIXTEEN, take } from './qingtian-hosts.js';
import { SCENES, TWO } from './qingtian-scenes.js';

/** Lines as the text of a golden file. */
const text = (lines: readonly string[]) => `${lines.join('\n')}\n`;

describe('QingTian: what stands in its tables', () => {
  it('rows of rules by version: requirements, place, layer and codes', async () => {
    const rowsOf = (id: (typeof QINGTIAN_VERSIONS)[number]['id']) =>
      qingtianProfile(id).rules.map(({ id: rule, requirements, checkedAt, layer, codes }) =>
        [rule, requirements.join(' '), checkedAt, layer, codes.join(' ') || '-'].join(' | '),
      );
    const first = rowsOf('2022-10');
    const others = QINGTIAN_VERSIONS.flatMap(({ id }) => {
      const rows = rowsOf(id);
      expect(rows).toHaveLength(first.length);
      return rows.filter((row) => !first.includes(row)).map((row) => `${id}: ${row}`);
    });
    await expect(text([...first, ...others])).toMatchFileSnapshot('golden/qingtian-rows.txt');
  });

  it('a flavor and a region that are not listed are told what is; a default CID is named', () => {
    const host = hostOf({ ...SIXTEEN, flavor: 'M5.large.2', region: 'Mars-1' });
    const version = { ...SEED, flavors: ['c7e', 'c7t'], regions: ['one', 'two'] };
    const context = { ...parentContext(SEED, host), version };
    const said = (id: string) => PARENT_RULES.find((rule) => rule.id === id)?.check(context);
    expect(said('flavor')).toMatchObject({
      message: '"m5" is not one of the flavors: c7e, c7t',
    });
    expect(said('region')).toMatchObject({
      message: '"Mars-1" is not one of the regions: one, two',
    });
    const readme = qingtianVersion('readme');
    const other = buildQingtianHost(readme, SIXTEEN);
    const request = requestOf(readme, { cid: 9 });
    const verdicts = other.profile.diagnose(other, { kind: 'qingtian.define', request }) ?? [];
    expect(verdicts.find(({ rule }) => rule === 'cid-given')?.outcome).toEqual({
      verdict: 'not-applicable',
      reason: 'default 4',
    });
  });

  it('codes: stage, meaning, remedy, and which no step raises', async () => {
    const lines = QT_CODES.flatMap(({ number, stage, meaning, remedy, unreachable }) => [
      `${number} ${stage}: ${meaning}${unreachable === undefined ? '' : ` (${unreachable})`}`,
      `  ${remedy}`,
    ]);
    await expect(text(lines)).toMatchFileSnapshot('golden/qingtian-codes.txt');
  });

  it('documents: what each says, and the parent it is shown on', async () => {
    const lines = QINGTIAN_VERSIONS.map((version) =>
      JSON.stringify({ ...version, parent: documentedParent(version) }),
    );
    await expect(text(lines)).toMatchFileSnapshot('golden/qingtian-documents.txt');
  });

  it('options: what may be said, and what is said of anything else', async () => {
    const lines = Object.keys(QINGTIAN_OPTIONS).flatMap((name) =>
      [true, 'odd', -1, 0, 1, 1.5].map((value) => {
        const resolved = qingtianProfile().resolveOptions({ [name]: value });
        return 'problems' in resolved
          ? resolved.problems.join('; ')
          : `${name} ${value} is allowed`;
      }),
    );
    const words = Object.entries(QINGTIAN_OPTIONS).flatMap(([name, { words: list }]) =>
      list.map((value) => {
        expect(qingtianProfile().resolveOptions({ [name]: value })).toHaveProperty('options');
        return `${name} ${value} is allowed`;
      }),
    );
    await expect(text([...lines, ...words])).toMatchFileSnapshot('golden/qingtian-options.txt');
  });

  it('facts that follow for a parent', async () => {
    const rows: readonly QingtianHostRow[] = [
      SIXTEEN,
      { ...SIXTEEN, options: { maxEnclaves: 'none', boundary: 'below' } },
      { nodes: [{ cpus: '0-1', memoryMib: 1024 }] },
      { ...SIXTEEN, options: { maxPages: 512, minMemoryMib: 200, imageRatio: 3 } },
      {
        nodes: [
          { cpus: '0-63', memoryMib: 131_072 },
          { cpus: '64-127', memoryMib: 131_072 },
        ],
        options: { maxEnclaves: 'none', poolNodes: 'many', nodeMaxScope: 'cpu0' },
      },
    ];
    const lines = rows.flatMap((row) => {
      const host = hostOf(row);
      return [JSON.stringify(row), ...derivedLines(host.profile.derivedFacts(host))];
    });
    await expect(text(lines)).toMatchFileSnapshot('golden/qingtian-facts.txt');
  });
});

/** What came of a step, without its effects: how many, of which kinds. */
function told({ refusal, facts, effects }: Decision): string[] {
  const counts = new Map<string, number>();
  for (const { kind } of effects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const changes = [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ') || 'nothing';
  const lines = [`    ${JSON.stringify(facts)}; changes ${changes}`];
  if (refusal !== undefined) {
    const { rule, layer, codes, message, numbers } = refusal;
    const code = codes.length === 0 ? '' : ` (${codes.join(', ')})`;
    lines.unshift(`    no, ${layer}${code}, ${rule}: ${message} ${JSON.stringify(numbers)}`);
  }
  return lines;
}

describe('QingTian: what each step says', () => {
  it('refusals with their numbers, facts and events, scene by scene', async () => {
    const lines = SCENES.flatMap(([name, row, steps]) => {
      const host = hostOf(row);
      return [
        name,
        ...steps.flatMap(([op, args = {}]) => [
          `  ${op} ${JSON.stringify(args)}`,
          ...told(take(host, op, args)),
        ]),
      ];
    });
    await expect(text(lines)).toMatchFileSnapshot('golden/qingtian-steps.txt');
  });

  it('every row that a request can break is broken in some scene', () => {
    const broken = new Set<string>();
    for (const [, row, steps] of SCENES) {
      const host = hostOf(row);
      for (const [op, args = {}] of steps) {
        const { refusal } = take(host, op, args);
        if (refusal !== undefined) broken.add(refusal.rule);
      }
    }
    const ids = qingtianProfile().rules.map(({ id }) => id);
    expect(ids.filter((id) => !broken.has(id))).toEqual([]);
  });

  it('a diagnosis says why a row does not apply', async () => {
    const request = requestOf(SEED, { cid: 16 });
    const commands: readonly Command[] = [
      { kind: 'qingtian.reserve', conf: {} },
      { kind: 'qingtian.reserve', conf: { hugepageSizeMib: 2, memoryMib: 64, cpuCount: 99 } },
      { kind: 'qingtian.define', request },
      { kind: 'qingtian.launch', request },
    ];
    const hosts = [hostOf(), prepared(), hostOf({ ...TWO, options: { poolNodes: 'many' } })];
    const lines = hosts.flatMap((host) =>
      commands.flatMap((command) => [
        `${command.kind}`,
        ...(host.profile.diagnose(host, command) ?? []).map(
          ({ rule, outcome }) => `  ${rule}: ${JSON.stringify(outcome)}`,
        ),
      ]),
    );
    await expect(text(lines)).toMatchFileSnapshot('golden/qingtian-diagnoses.txt');
  });
});
