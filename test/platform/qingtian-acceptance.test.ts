/**
 * The QingTian acceptance table: every row replayed, and the table shown to be total.
 *
 * Invariant: every rule is refused by a row, every code 01–43 is raised or explained, and of every
 * two rules that one command meets a row says which wins, or why that cannot be. The row format is described
 * in scenarios/conform/qingtian.ts.
 */
import { describe, expect, it } from 'vitest';
import { checkInvariants } from '../../core/invariants/check.js';
import { QT_CODES, qt } from '../../core/platform/qingtian/codes.js';
import { PARENT_RULES } from '../../core/platform/qingtian/parent-rules.js';
import { qingtianProfile } from '../../core/platform/qingtian/profile.js';
import { RESERVATION_RULES } from '../../core/platform/qingtian/reservation-rules.js';
import { startRules } from '../../core/platform/qingtian/start-rules.js';
import { QINGTIAN_VERSIONS } from '../../core/platform/qingtian/versions.js';
import {
  buildQingtianHost,
  commandOf,
  type QingtianRow,
  replayQingtianRow,
  takeStep,
} from '../../scenarios/conform/qingtian.js';
import { expectSame } from '../expect-same.js';
import { acceptanceRows, SEED } from './qingtian-hosts.js';

const ROWS = acceptanceRows();
const REPLAYED = ROWS.filter((row) => row.steps !== undefined);
const expectations = REPLAYED.flatMap((row) => (row.steps ?? []).map(([, , expect]) => expect));
const pairKey = (a: string, b: string) => [a, b].sort().join(' + ');

type Measure = (row: QingtianRow) => number;

const lastArgs = ({ steps = [] }: QingtianRow) => (steps.at(-1)?.[1] ?? {}) as Arguments;
interface Arguments {
  readonly mem?: number;
  readonly cpus?: number;
  readonly memory_mib?: number;
  readonly cpu_list?: string;
  readonly image?: { readonly bytes?: number };
}

const mem: Measure = (row) => lastArgs(row).mem ?? Number.NaN;
const cpus: Measure = (row) => lastArgs(row).cpus ?? Number.NaN;
const poolMib: Measure = (row) => lastArgs(row).memory_mib ?? Number.NaN;
/** Lists of the rows measured here are one range up to CPU 7. */
const firstCpu: Measure = (row) => Number.parseInt(lastArgs(row).cpu_list ?? '', 10);
const imageBytes: Measure = (row) => lastArgs(row).image?.bytes ?? Number.NaN;
const launches: Measure = ({ steps = [] }) => steps.filter(([op]) => op === 'launch').length;

/** The last step's measured argument taken away: what the three rows of a bound have in common. */
function withoutLast({ host, steps = [] }: QingtianRow): unknown {
  const asked = steps.map(([op, args]) => [op, { ...args }] as const);
  const last = asked.at(-1)?.[1] as Record<string, unknown>;
  for (const key of ['mem', 'cpus', 'memory_mib', 'cpu_list', 'image']) delete last[key];
  return [host, asked];
}

/** Every rule with a number: its rows one step below, at and above the bound, and what is counted. */
const BOUNDS: readonly (readonly [string, readonly [string, string, string], Measure])[] = [
  ['Q10', ['q10-below', 'q10-at', 'q10-above'], firstCpu],
  ['Q11', ['q11-below', 'q11-at', 'q11-above'], poolMib],
  ['Q16', ['q16-126', 'q16-128', 'q16-130'], mem],
  ['Q17', ['q17-below', 'q17-at', 'q17-above'], imageBytes],
  ['Q18', ['q18-510', 'q18-512', 'q18-514'], mem],
  ['Q19', ['q19-255', 'q19-256', 'q19-257'], mem],
  ['Q20', ['q20-1', 'q20-2', 'q20-3'], cpus],
  ['Q21', ['q21-below', 'q21-at', 'q21-above'], cpus],
  ['Q22 of one', ['q22-one-below', 'q22-one-at', 'q22-one-above'], cpus],
  ['Q22 of all', ['q22-sum-below', 'q22-sum-at', 'q22-sum-above'], cpus],
  ['Q23', ['pool-memory-below', 'pool-memory-at', 'pool-memory-above'], poolMib],
  ['Q25', ['q25-below', 'q25-at', 'q25-above'], launches],
  ['Q26', ['q26-below', 'q26-at', 'q26-above'], cpus],
  ['Q28', ['q28-pages-below', 'q28-pages-at', 'q28-pages-above'], mem],
  ['Q29', ['conf-multiple-2m-below', 'conf-multiple-2m-at', 'conf-multiple-2m-above'], poolMib],
];

describe('QingTian acceptance table', () => {
  it.each(REPLAYED.map((row) => [row.id, row] as const))('%s', (_, row) => {
    expect(replayQingtianRow(row)).toEqual([]);
  });

  it('has its own id for each row, and at least 90 rows', () => {
    const ids = ROWS.map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(90);
  });

  it('is caught when an expectation is wrong', () => {
    const accepted = REPLAYED.find((row) => row.id === 'q20-2') as QingtianRow;
    const refused = REPLAYED.find((row) => row.id === 'q20-3') as QingtianRow;
    const swapped = (row: QingtianRow, other: QingtianRow): QingtianRow => ({
      ...row,
      steps: (row.steps ?? []).map(([op, args], i) => [op, args, (other.steps ?? [])[i][2]]),
    });
    expect(replayQingtianRow(swapped(accepted, refused))).toHaveLength(1);
    expect(replayQingtianRow(swapped(refused, accepted))).toHaveLength(1);
  });

  it('breaks no isolation invariant at any step', () => {
    for (const row of REPLAYED) {
      if (row.host === undefined) continue;
      const version = QINGTIAN_VERSIONS.find(({ id }) => row.platform === `qingtian@${id}`);
      const host = buildQingtianHost(version ?? SEED, row.host);
      for (const [op, args] of row.steps ?? []) {
        takeStep(version ?? SEED, host, op, args);
        expectSame([row.id, op, checkInvariants(host)], [row.id, op, []]);
      }
    }
  });

  it('throws on an unknown platform, and reports an unknown step', () => {
    const row = REPLAYED[0];
    expect(() => replayQingtianRow({ ...row, platform: 'qingtian@1999-01' })).toThrow(/1999/);
    const steps = [['vanish', {}, { ok: true }]] as const;
    expect(replayQingtianRow({ ...row, steps })).toHaveLength(1);
  });
});

describe('QingTian acceptance table: totality', () => {
  it('refuses by every rule of the profile', () => {
    const seen = new Set(expectations.flatMap(({ rule }) => rule ?? []));
    const missing = qingtianProfile().rules.filter(({ id }) => !seen.has(id));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('expects only rules that exist', () => {
    const known = new Set(qingtianProfile().rules.map(({ id }) => id)).add('lifecycle');
    expect(expectations.filter(({ rule }) => rule !== undefined && !known.has(rule))).toEqual([]);
  });

  it('claims a refused requirement only where a rule that enacts it refuses', () => {
    const enacts = new Map(qingtianProfile().rules.map((rule) => [rule.id, rule.requirements]));
    const loose = REPLAYED.flatMap(({ id, requirements = [], steps = [] }) => {
      const refusedBy = steps.flatMap(([, , { ok, rule }]) => (ok ? [] : (rule ?? [])));
      if (refusedBy.length === 0) return [];
      const shown = new Set(refusedBy.flatMap((rule) => enacts.get(rule) ?? []));
      return requirements.filter((wanted) => !shown.has(wanted)).map((wanted) => [id, wanted]);
    });
    expect(loose).toEqual([]);
  });

  it('raises each code 01 to 43, or says why it cannot be raised', () => {
    const raised = new Set(expectations.flatMap(({ codes }) => codes ?? []));
    const explained = new Set(ROWS.flatMap(({ code }) => code ?? []));
    expect(QT_CODES.map(({ number }) => number)).toEqual(
      Array.from({ length: 43 }, (_, i) => i + 1),
    );
    for (const { number, unreachable } of QT_CODES) {
      const code = qt(number);
      expect([code, raised.has(code), explained.has(code)]).toEqual([
        code,
        unreachable === undefined,
        unreachable !== undefined,
      ]);
    }
  });

  it.each(BOUNDS)('%s has a row one below, one at and one above its bound', (_, ids, measure) => {
    const rows = ids.map((id) => REPLAYED.find((row) => row.id === id) as QingtianRow);
    const [below, at, above] = rows.map(measure);
    expect(Math.abs(at - below)).toBeGreaterThan(0);
    expect(above - at).toBe(at - below);
    const [first, bound, last] = rows.map(({ steps = [] }) => steps.at(-1)?.[2].ok);
    expect([first, last]).toContain(!bound);
    if (measure === launches) return;
    // Nothing else differs, so the bound alone decides.
    expect(new Set(rows.map((row) => JSON.stringify(withoutLast(row)))).size).toBe(1);
  });

  it('shows each rule without a number from both sides', () => {
    const bounded = new Set(BOUNDS.map(([name]) => name.slice(0, 3)));
    const numbers = Array.from({ length: 23 }, (_, i) => `Q${i + 10}`);
    const sidesOf = (wanted: string) =>
      REPLAYED.filter(({ requirements }) => requirements?.includes(wanted)).map(({ steps = [] }) =>
        steps.every(([, , { ok }]) => ok),
      );
    const lacking = numbers
      .filter((id) => !bounded.has(id))
      .filter((id) => new Set(sidesOf(id)).size < 2);
    expect(lacking).toEqual([]);
  });

  it('says of every two rules of a start or a reservation which wins, or why neither can', () => {
    const pairsOf = (rules: readonly { readonly id: string }[]) =>
      rules.flatMap(({ id }, i) => rules.slice(i + 1).map((later) => pairKey(id, later.id)));
    const wanted = new Set([
      ...pairsOf([...PARENT_RULES, ...startRules(SEED)]),
      ...pairsOf([...PARENT_RULES, ...RESERVATION_RULES]),
    ]);
    const listed = ROWS.flatMap(({ pair }) => (pair === undefined ? [] : [pairKey(...pair)]));
    expect(listed.sort()).toEqual([...wanted].sort());
    const bare = ROWS.filter(({ pair, steps, impossible }) => pair && !steps && !impossible);
    expect(bare).toEqual([]);
  });

  it('has both rules of a pair fail at the last step, the winner before the other', () => {
    for (const row of REPLAYED) {
      const { pair, host: hostRow, steps } = row;
      if (pair === undefined || hostRow === undefined || steps === undefined) continue;
      const host = buildQingtianHost(SEED, hostRow);
      for (const [op, args] of steps.slice(0, -1)) takeStep(SEED, host, op, args);
      const [op, args, { rule }] = steps[steps.length - 1];
      const first = commandOf(SEED, op === 'launch' ? 'define' : op, args);
      const failed = (host.profile.diagnose(host, first) ?? []).flatMap((verdict) =>
        verdict.outcome.verdict === 'refuse' ? [verdict.rule] : [],
      );
      expect([row.id, failed[0], rule]).toEqual([row.id, pair[0], pair[0]]);
      expect([row.id, failed]).toEqual([row.id, expect.arrayContaining([pair[1]])]);
    }
  });
});
