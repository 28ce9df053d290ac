/**
 * The loader on more than ten thousand generated inputs a run: bytes, mutated files, trees.
 *
 * The invariant is: never a throw, always a scenario or at least one problem with a sentence and a
 * place inside the text, no prototype changed, and bounded time. A canary at the end shows that the
 * generators reach both answers and every stage.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadScenario } from '../../scenarios/schema/load.js';
import { formatProblem } from '../../scenarios/schema/problem.js';
import { readTree } from '../../scenarios/schema/yaml-tree.js';
import { anyCharacter } from '../any-character.js';
import { scaledRuns } from '../seed.js';
import { SAMPLES } from './loader-samples.js';

/** Far above what any input needs, so that a slow machine is no failure. */
const MOST_MS = 5_000;

const seen = { loaded: 0, refused: 0, syntax: 0, schema: 0 };
const prototypeKeys = Reflect.ownKeys(Object.prototype).length;

function check(text: string, sets: readonly string[] = []): void {
  const startedMs = performance.now();
  const result = loadScenario(text, 'fuzz', sets);
  const tookMs = performance.now() - startedMs;
  if (tookMs > MOST_MS) throw new Error(`took ${tookMs} ms`);
  if (Reflect.ownKeys(Object.prototype).length !== prototypeKeys) throw new Error('polluted');
  if (!('problems' in result)) {
    seen.loaded++;
    return;
  }
  seen.refused++;
  if (result.problems.length === 0) throw new Error('refused without a problem');
  const lines = text.split('\n').length;
  for (const problem of result.problems) {
    if (problem.message.startsWith('not valid YAML')) seen.syntax++;
    else if (problem.path !== '') seen.schema++;
    const inside = problem.line === undefined || (problem.line >= 1 && problem.line <= lines);
    if (problem.message === '' || !inside || /[\p{Cc}\p{Cs}]/u.test(formatProblem(problem))) {
      throw new Error(`a bad problem: ${JSON.stringify(problem)}`);
    }
  }
}

const sample = fc.constantFrom(...SAMPLES);
/** What breaks parsers, and what scenarios are made of. */
const token = fc.constantFrom(
  ...[
    '[',
    ']',
    '{',
    '}',
    ': ',
    ',',
    '- ',
    '? ',
    '&a ',
    '*a',
    '!!str ',
    '|',
    '>',
    '"',
    "'",
    '#',
    '\n',
  ],
  ...[
    '\n---\n',
    '...',
    '%YAML 1.1\n',
    '<<: ',
    '~',
    '.inf',
    '1e999',
    '-1',
    '0x1F',
    '\t',
    '\0',
    '\ud800',
  ],
  ...[
    '__proto__',
    'constructor',
    'type: ',
    'launch: ',
    '512Q',
    '1-3,9',
    '99999999999999999999',
    '1.5',
  ],
);
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, -1, 1.5, 1e21, '', '512Q', '3-1', 'ok', [], {}, [[]], true, Number.NaN),
);
const keys = fc.constantFrom(
  ...['schemaVersion', 'title', 'parent', 'type', 'topology', 'nodes', 'cpus', 'memory', 'cores'],
  ...[
    'reservation',
    'text',
    'cpuCount',
    'images',
    'size',
    'bytes',
    'workload',
    'timeline',
    'launch',
  ],
  ...['together', 'name', 'churn', 'mix', 'expect', 'is', 'pages', 'kind', 'free', 'constructor'],
  ...['__proto__', '<<', 'at', 'seed', 'toString'],
);

/** Text edits: at a relative place, cut some characters and put something in. */
const edits = fc.array(
  fc.tuple(
    fc.nat(9999),
    fc.oneof(fc.constant(0), fc.nat(12)),
    fc.oneof(token, fc.string({ maxLength: 4 })),
  ),
  { minLength: 1, maxLength: 6 },
);

function edit(text: string, changes: readonly (readonly [number, number, string])[]): string {
  return changes.reduce((before, [place, cut, put]) => {
    const at = Math.floor((place / 10_000) * before.length);
    return before.slice(0, at) + put + before.slice(at + cut);
  }, text);
}

type Tree = Record<string, unknown>;

/** Walks down a value by choosing children, then replaces, removes or renames what it finds. */
function reshape(root: unknown, choices: readonly number[], what: unknown, key: string): void {
  let node = root;
  for (const [depth, choice] of choices.entries()) {
    if (typeof node !== 'object' || node === null) return;
    const names = Object.keys(node);
    if (names.length === 0) return;
    const name = names[choice % names.length];
    const owner = node as Tree;
    const next = owner[name];
    const last = depth === choices.length - 1 || typeof next !== 'object' || next === null;
    if (last) {
      if (choice % 3 === 0) owner[name] = what;
      else if (choice % 3 === 1) Reflect.deleteProperty(owner, name);
      else addKey(owner, key, next);
      return;
    }
    node = next;
  }
}

/** An own key even where plain assignment would set the prototype. */
function addKey(owner: Tree, key: string, value: unknown): void {
  const writable = { enumerable: true, configurable: true, writable: true };
  Object.defineProperty(owner, key, { value, ...writable });
}

const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    odd,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(keys, tie('node'), { maxKeys: 5 }),
  ),
})).node;

/** The texts a value has: JSON, and YAML in block style (numbers JSON has no word for included). */
const written = fc.constantFrom(
  (value: unknown) => JSON.stringify(value) ?? 'null',
  (value: unknown) => stringify(value, { aliasDuplicateObjects: false }),
);

describe('loader: fuzz', () => {
  it('answers any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((b) => new TextDecoder().decode(b));
    const text = fc.oneof(bytes, fc.string({ unit: anyCharacter, maxLength: 100 }));
    fc.assert(
      fc.property(text, (t) => check(t)),
      { numRuns: scaledRuns(3000) },
    );
  });

  it('answers any sequence of tokens', () => {
    const text = fc.array(token, { maxLength: 60 }).map((tokens) => tokens.join(''));
    fc.assert(
      fc.property(text, (t) => check(t)),
      { numRuns: scaledRuns(3500) },
    );
  });

  it('answers edited valid files', () => {
    const text = fc.tuple(sample, edits).map(([t, changes]) => edit(t, changes));
    fc.assert(
      fc.property(text, (t) => check(t)),
      { numRuns: scaledRuns(1500) },
    );
  });

  it('answers reshaped valid files', () => {
    const values = SAMPLES.map((text) => {
      const read = readTree(text);
      if ('faults' in read) throw new Error('a sample is no YAML');
      return JSON.stringify(read.value);
    });
    const steps = fc.array(fc.nat(50), { minLength: 1, maxLength: 7 });
    const property = fc.property(
      fc.constantFrom(...values),
      fc.array(fc.tuple(steps, odd, keys), { minLength: 1, maxLength: 3 }),
      written,
      (text, changes, write) => {
        const value: unknown = JSON.parse(text);
        for (const [choices, what, key] of changes) reshape(value, choices, what, key);
        check(write(value));
      },
    );
    fc.assert(property, { numRuns: scaledRuns(1000) });
  });

  it('answers any tree under a sound head, and any --set', () => {
    const path = fc.array(
      fc.oneof(
        keys,
        fc.nat(3).map((n) => `[${n}]`),
      ),
      { maxLength: 4 },
    );
    const set = fc
      .tuple(
        path,
        fc.oneof(
          token,
          odd.map((v) => JSON.stringify(v) ?? ''),
        ),
      )
      .map(([steps, value]) => `${steps.join('.').replaceAll('.[', '[')}=${value}`);
    const head = { schemaVersion: 1, title: 't', parent: { type: 'm5.large' } };
    const body = fc.dictionary(keys, tree, { maxKeys: 4 });
    const property = fc.property(body, fc.array(set, { maxLength: 2 }), written, (b, sets, write) =>
      check(write({ ...head, ...b }), sets),
    );
    fc.assert(property, { numRuns: scaledRuns(1500) });
  });

  afterAll(() => {
    expect(seen.loaded).toBeGreaterThan(10);
    expect(seen.refused).toBeGreaterThan(100);
    expect(seen.syntax).toBeGreaterThan(10);
    expect(seen.schema).toBeGreaterThan(100);
  });
});
