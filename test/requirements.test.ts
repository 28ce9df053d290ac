/**
 * Traceability: every requirement of the issue is shown by tests, from both sides.
 *
 * The convention: a test title says which requirements it shows and how, `Q20 holds: …` or
 * `Q20 Q22 refused: …`; a row of an acceptance table (`*-acceptance.jsonl`) says it with
 * `"requirements": ["Q20"]` and the `ok` it expects. The invariant is: each id is seen to hold at least
 * once and its breach is seen to be refused at least once.
 * Trade-off: titles are read from the sources, so a claim costs one line and no registry; that
 * the test passes is the test runner's business.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const TESTS = fileURLToPath(new URL('.', import.meta.url));
const SIDES = ['holds', 'refused'] as const;

type Side = (typeof SIDES)[number];
interface Claim {
  readonly id: string;
  readonly side: Side;
}

const numbered = (letter: string, first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => letter + String(first + i).padStart(2, '0'));

/** The ids of the seed documents that the simulator enacts. */
const REQUIRED: readonly string[] = [
  ...['Q01', 'Q07', ...numbered('Q', 10, 33)],
  ...['N01', 'N08', 'N09', 'N10', 'N11', 'N12', 'N22', 'N24', 'E14', 'B07'],
];

describe('requirements: the scan itself', () => {
  it('reads ids and side from the titles of it, test and describe', () => {
    expect(claimsOfTitles("it('Q20 Q22 holds: even', f);")).toEqual([
      { id: 'Q20', side: 'holds' },
      { id: 'Q22', side: 'holds' },
    ]);
    expect(claimsOfTitles('test(`N08 refused: edge`, f);')).toEqual([
      { id: 'N08', side: 'refused' },
    ]);
    expect(claimsOfTitles("it.each([\n  [1],\n  [3],\n])('Q20, Q21 refused: %i', f);")).toEqual([
      { id: 'Q20', side: 'refused' },
      { id: 'Q21', side: 'refused' },
    ]);
  });

  it('takes no claim from comments, prose, or a title without a side', () => {
    expect(
      claimsOfTitles("// it('Q20 holds: x')\nit('Q20: even', f); const s = 'Q20 holds: x';"),
    ).toEqual([]);
  });

  it('reads a row of an acceptance table', () => {
    const row = { id: 'r1', requirements: ['Q20', 'Q22'], expect: { ok: false } };
    expect(claimsOfRow(JSON.stringify(row))).toEqual([
      { id: 'Q20', side: 'refused' },
      { id: 'Q22', side: 'refused' },
    ]);
    const steps = [
      ['define', { ok: true }],
      ['start', { ok: false }],
    ];
    expect(claimsOfRow(JSON.stringify({ requirements: ['Q25'], steps }))).toEqual([
      { id: 'Q25', side: 'refused' },
    ]);
    expect(
      claimsOfRow(JSON.stringify({ requirements: ['Q25'], steps: steps.slice(0, 1) })),
    ).toEqual([{ id: 'Q25', side: 'holds' }]);
    expect(claimsOfRow(JSON.stringify({ requirements: ['Q25'], why: 'no answer' }))).toEqual([]);
  });

  it('lists what is missing, by id and side', () => {
    expect(missing(['Q10', 'Q11'], [{ id: 'Q10', side: 'holds' }])).toEqual([
      'Q10: no test named "Q10 refused: …"',
      'Q11: no test named "Q11 holds: …" or "Q11 refused: …"',
    ]);
  });
});

describe('requirements: every id is shown from both sides', () => {
  const claims = claimsOfProject();

  it('no id lacks a test', () => {
    expect(missing(REQUIRED, claims)).toEqual([]);
  });
});

function missing(ids: readonly string[], claims: readonly Claim[]): string[] {
  return ids.flatMap((id) => {
    const sides = SIDES.filter((side) => !claims.some((c) => c.id === id && c.side === side));
    const titles = sides.map((side) => `"${id} ${side}: …"`);
    return titles.length === 0 ? [] : [`${id}: no test named ${titles.join(' or ')}`];
  });
}

/** The claims in a test file's titles: what follows `it(`, `test(`, `describe(` or `.each(…)(`. */
function claimsOfTitles(source: string): Claim[] {
  const code = source.replace(/^\s*(?:\/\/|\*).*$/gm, '');
  const title =
    /(?:\b(?:it|test|describe)(?:\.\w+)*\s*\(|\)\s*\()\s*['"`]((?:[A-Z]\d\d[\s,]+)+)(holds|refused):/g;
  return [...code.matchAll(title)].flatMap((found) =>
    (found[1]?.match(/[A-Z]\d\d/g) ?? []).map((id) => ({ id, side: found[2] as Side })),
  );
}

/** A row shows a refusal when any answer it expects is a no, and that all holds when none is. */
function claimsOfRow(line: string): Claim[] {
  const row = JSON.parse(line) as { readonly requirements?: readonly string[] };
  const answers = answersIn(row);
  if (answers.length === 0) return [];
  const side: Side = answers.includes(false) ? 'refused' : 'holds';
  return (row.requirements ?? []).map((id) => ({ id, side }));
}

/** Every `ok` below a JSON value, at any depth. */
function answersIn(value: unknown): boolean[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) =>
    key === 'ok' && typeof below === 'boolean' ? [below] : answersIn(below),
  );
}

function claimsOfProject(): Claim[] {
  const paths = readdirSync(TESTS, { recursive: true, encoding: 'utf8' });
  const read = (path: string): string => readFileSync(join(TESTS, path), 'utf8');
  const titles = paths.filter((p) => p.endsWith('.test.ts') && p !== 'requirements.test.ts');
  const tables = paths.filter((p) => p.endsWith('-acceptance.jsonl'));
  return [
    ...titles.flatMap((path) => claimsOfTitles(read(path))),
    ...tables.flatMap((path) => read(path).split('\n').filter(Boolean).flatMap(claimsOfRow)),
  ];
}
