/**
 * Bounded scopes, explored whole: their pinned counts and their symmetry, and that none pads its state
 * (unread-fields shows that padding is noticed).
 *
 * A changed count is a change of the model to be reviewed; reports/kept/state-counts.json is then
 * written anew from `hypercarve verify --json`.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { whyNotTried } from '../../core/explore/commands-not-tried.js';
import { componentFields } from '../../core/explore/component-fields.js';
import { idleFrames } from '../../core/explore/idle-frames.js';
import {
  createRememberingModel,
  type RememberingModel,
} from '../../core/explore/remembering-model.js';

import { whyNotMet } from '../../core/explore/rules-not-met.js';
import type { Scope } from '../../core/explore/scope.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { type Counts, type Search, search } from '../../core/explore/search.js';
import { fieldUses } from '../../core/explore/unread-fields.js';
import { commandKinds } from '../../scenarios/verify/commands-tried.js';
import { ruleIds } from '../../scenarios/verify/rules-met.js';

interface Pinned {
  readonly scope: string;
  readonly full: Counts;
  readonly reduced: Counts;
  readonly orbits: number;
  readonly refused: number;
}

const FILE = new URL('../../reports/kept/state-counts.json', import.meta.url);
const PINNED: readonly Pinned[] = JSON.parse(readFileSync(FILE, 'utf8'));
const SMALL = SCOPES.filter(({ size }) => size === 'small');
/** Explored in full here, too; the others in full by `hypercarve verify`. */
const FULL_LIMIT = 40_000;
/** Of 54, 67 and 8 rules; README tells the numbers. */
const MET_OF = { qingtian: 46, nitro: 57, vm: 8 } as const;
/** Rules that refused something, by scope. */
const MET = new Map<string, ReadonlySet<string>>();
/** Kinds of command that were tried, by scope. */
const TRIED = new Map<string, ReadonlySet<string>>();

interface Searched {
  readonly scope: Scope;
  readonly model: RememberingModel;
  readonly result: Search;
}

/** The reduced search of a small scope; several tests in a row ask for the same. */
function searched(name: string): Searched {
  if (last?.scope.name === name) return last;
  const scope = SMALL.find((one) => one.name === name);
  if (scope === undefined) throw new Error(`no scope ${name}`);
  const model = createRememberingModel(scope, { reduced: true });
  last = { scope, model, result: search(model) };
  MET.set(name, new Set(model.refusedBy));
  TRIED.set(name, new Set(model.source.tried));
  return last;
}

/** One alone: they are large. */
let last: Searched | undefined;

/** Of whom some field varies by itself in a scope, at least. */
function variedIn({ name, platform }: Scope): readonly string[] {
  if (Object.hasOwn(FEW, name)) return FEW[name];
  return platform === 'nitro' ? [...USUAL, 'a node', 'a mapping'] : USUAL;
}

const USUAL = ['the parent', 'an enclave'];
/** Scopes of few moves; and of pages that are touched before more may be mapped. */
const FEW: Readonly<Record<string, readonly string[]>> = {
  'nitro-2x4x2x2': ['an enclave', 'a mapping', 'a node'],
  'nitro-switched': ['an enclave', 'the CPUs', 'a node'],
  'nitro-unbound': USUAL,
  'nitro-slots': ['the CPUs'],
  'nitro-vcpus': ['an enclave'],
  'vm-2x3x2x3': ['the parent'],
};

describe('scopes: pinned counts', () => {
  it('every small scope is pinned, and nothing else', () => {
    expect(PINNED.map(({ scope }) => scope)).toEqual(SMALL.map(({ name }) => name));
  });

  describe.each(PINNED)('$scope', (pinned) => {
    it('N12: reduced, whole, no breach, all reached', () => {
      const { result } = searched(pinned.scope);
      expect(result.found).toBeUndefined();
      expect(result.counts).toEqual(pinned.reduced);
      const { orbits, orbitTransitions } = result;
      expect([orbits, orbitTransitions]).toEqual([pinned.full.unique, pinned.full.transitions]);
      expect(result).toMatchObject({ complete: true, unreached: [] });
    }, 120_000);

    it('has no padding: every field that varies by itself is read, every frame held by somebody', () => {
      const { scope, model, result } = searched(pinned.scope);
      const uses = fieldUses(model, result);
      const whose = new Set(uses.map((use) => use.whose));
      expect([...whose]).toEqual(expect.arrayContaining([...variedIn(scope)]));
      expect(uses.filter(({ read }) => !read)).toEqual([]);
      expect(idleFrames(scope, model.source, result.visited)).toEqual([]);
      for (const { whose, size, fieldsOf } of componentFields(model.source.keys)) {
        const texts = new Set(
          Array.from({ length: size() }, (_, number) => JSON.stringify([...fieldsOf(number)])),
        );
        expect({ whose, size: texts.size }).toEqual({ whose, size: size() });
      }
    }, 240_000);
  });

  it.each(PINNED.filter(({ full }) => full.unique < FULL_LIMIT))(
    '$scope in full has as many states as its orbits add up to',
    (pinned) => {
      const scope = SMALL.find(({ name }) => name === pinned.scope);
      if (scope === undefined) throw new Error(`no scope ${pinned.scope}`);
      last = undefined;
      const { counts, refused, found } = search(createRememberingModel(scope));
      expect(found).toBeUndefined();
      expect({ counts, refused }).toEqual({ counts: pinned.full, refused: pinned.refused });
    },
    120_000,
  );
});

describe('scopes: rules', () => {
  // Those of the searches above, where they were made.
  const metIn = ({ name }: Scope): ReadonlySet<string> =>
    MET.get(name) ?? new Set(searched(name).model.refusedBy);

  it.each(SMALL)('each move of $name that is tried for a rule is refused by it', (scope) => {
    const met = metIn(scope);
    const meant = scope.moves.flatMap(({ meets }) => meets ?? []);
    expect(meant.filter((rule) => !met.has(rule))).toEqual([]);
  });

  it.each(['qingtian', 'nitro', 'vm'] as const)(
    'N12: every rule of %s refuses something in a small scope, or it is said why none can meet it',
    (platform) => {
      const scopes = SMALL.filter((one) => one.platform === platform);
      const met = new Set(scopes.flatMap((scope) => [...metIn(scope)]));
      const rules = ruleIds(scopes[0].build().profile);
      const why = rules.map((rule) => [
        rule,
        met.has(rule),
        whyNotMet(platform, rule) === undefined,
      ]);
      expect(why.filter(([, isMet, isUnexplained]) => isMet !== isUnexplained)).toEqual([]);
      expect(rules.filter((rule) => met.has(rule))).toHaveLength(MET_OF[platform]);
    },
    120_000,
  );
});

describe('scopes: commands', () => {
  it.each(['qingtian', 'nitro', 'vm'] as const)(
    'every command of %s is tried in a small scope, or it is said why none tries it',
    (platform) => {
      const scopes = SMALL.filter((one) => one.platform === platform);
      // Those of the searches above, where they were made.
      const tried = new Set(
        scopes.flatMap(({ name }) => [...(TRIED.get(name) ?? searched(name).model.source.tried)]),
      );
      const kinds = commandKinds(scopes[0].build().profile);
      expect(kinds.length).toBeGreaterThan(5);
      const untold = kinds.filter((kind) => tried.has(kind) !== (whyNotTried(kind) === undefined));
      expect(untold).toEqual([]);
    },
    120_000,
  );
});
