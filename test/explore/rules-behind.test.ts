/**
 * What stands behind each rule that a small scope meets: a rule left out alone is missed, or another one
 * refuses the same, or the step throws, or nothing is had that an invariant reads.
 *
 * That nothing is seen is looked for in the first UNSEEN states of a scope, and along a walk drawn by the
 * run's seed, which gets deeper; HYPERCARVE_RUNS=100 looks at all but the largest whole, and for what is
 * missed late.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHostModel } from '../../core/explore/host-model.js';
import { MOVED } from '../../core/explore/model.js';
import { plant } from '../../core/explore/planted-faults.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import { RULE_FAULTS } from '../../core/explore/rule-faults.js';
import { whyNotMet } from '../../core/explore/rules-not-met.js';
import { type Search, search } from '../../core/explore/search.js';
import type { Command } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import type { PlatformId, Steps } from '../../core/platform/profile.js';
import { withoutRules } from '../../core/platform/rule.js';
import { ruleIds } from '../../scenarios/verify/rules-met.js';
import { scaledRuns } from '../seed.js';
import { faultNamed } from './fault-named.js';
import { NITRO_STANDS, QINGTIAN_STANDS, type Stand, VM_STANDS } from './rules-behind.js';
import { wholeScope } from './tiny-scopes.js';

const UNSEEN = scaledRuns(60);
const FOUND = 60_000;
/** Moves tried along a walk; about a third of them lead on. */
const WALK = scaledRuns(200);

type Row = readonly [rule: string, stand: Stand];

const PREFIX = 'nitro.';
const ROWS: readonly Row[] = [
  ...Object.entries(QINGTIAN_STANDS),
  ...Object.entries(NITRO_STANDS).map(([rule, stand]): Row => [PREFIX + rule, named(stand)]),
  ...Object.entries(VM_STANDS),
];

/** Whose rules a row's is; those of plain VMs and of Nitro say so in their ids. */
function platformOf(rule: string): PlatformId {
  if (rule.startsWith(PREFIX)) return 'nitro';
  return rule.startsWith('vm-') ? 'vm' : 'qingtian';
}

/** With the rules behind it by their whole ids. */
function named(stand: Stand): Stand {
  return 'behind' in stand ? { ...stand, behind: stand.behind.map((id) => PREFIX + id) } : stand;
}

function rowsWith<K extends string>(key: K): [string, Extract<Stand, Record<K, unknown>>][] {
  return ROWS.flatMap(([rule, stand]): [string, Extract<Stand, Record<K, unknown>>][] =>
    key in stand ? [[rule, stand as Extract<Stand, Record<K, unknown>>]] : [],
  );
}

/** Not left to a longer run. */
function isNow([, { late }]: readonly [string, { readonly late?: true }]): boolean {
  return late === undefined || scaledRuns(1) > 9;
}

function searchWithout(without: readonly string[], name: string, maxStates: number): Search {
  const scope = wholeScope(name);
  const host = plant(scope.build(), { ...faultNamed('no-cid-free'), without });
  return search(createRememberingModel(scope, { reduced: true, host }), { maxStates });
}

/** What is broken along a walk of moves drawn by the seed, until the first breach. */
function brokenOnWalk(without: readonly string[], name: string, tries = WALK): readonly string[] {
  const scope = wholeScope(name);
  const host = plant(scope.build(), { ...faultNamed('no-cid-free'), without });
  const model = createHostModel(scope, { host });
  const here = new Int32Array(model.words);
  model.begin(here);
  // Nothing comes after a termination.
  const moves = [...scope.moves.keys()].filter((at) => !/terminate/.test(scope.moves[at].label));
  for (const move of fc.sample(fc.constantFrom(...moves), tries)) {
    if (model.take(move) !== MOVED) continue;
    const broken = model.judge(true, new Set())?.properties;
    if (broken !== undefined) return broken;
    model.encode(here);
    model.load(here);
  }
  return [];
}

const brokenIn = ({ found }: Search) => found?.breach.properties ?? [];

/** Rule → what is said where it refuses, once it is left out; one search of some states of a scope. */
function saidInstead(name: string): ReadonlyMap<string, ReadonlySet<string>> {
  const said = new Map<string, Set<string>>();
  const scope = wholeScope(name);
  const host = scope.build();
  const noted = Object.entries(host.profile.steps).map(([kind, step]) => {
    const decide = step as (at: Host, command: Command) => Decision;
    const note = (at: Host, command: Command): Decision => {
      const decision = decide(at, command);
      const rule = decision.refusal?.rule;
      if (rule === undefined) return decision;
      const others = said.get(rule) ?? new Set();
      said.set(rule, others.add(answerOf(() => withoutRules([rule], () => decide(at, command)))));
      return decision;
    };
    return [kind, note];
  });
  const profile = { ...host.profile, steps: Object.fromEntries(noted) as Steps };
  const model = createRememberingModel(scope, { reduced: true, host: { ...host, profile } });
  search(model, { maxStates: scaledRuns(700) });
  return said;
}

function answerOf(decide: () => Decision): string {
  try {
    return decide().refusal?.rule ?? 'had';
  } catch {
    return 'thrown';
  }
}

describe('rules that stand one behind the other', () => {
  it.each([
    ['qingtian', 'qingtian-refusals'],
    ['nitro', 'nitro-refusals'],
    ['vm', 'vm-2x3x2x3'],
  ] as const)('every rule of %s that is met stands once', (platform, scope) => {
    const alone = RULE_FAULTS.flatMap(({ without }) => (without?.length === 1 ? without : []));
    const { profile } = wholeScope(scope).build();
    const met = ruleIds(profile).filter((rule) => whyNotMet(platform, rule) === undefined);
    const rows = ROWS.filter(([rule]) => platformOf(rule) === platform);
    const stands = [...rows.map(([rule]) => rule), ...alone.filter((rule) => met.includes(rule))];
    expect(stands.sort()).toEqual(met.sort());
  });

  it.each(rowsWith('alone').filter(isNow))('%s is missed', (rule, { alone, scope }) => {
    expect(brokenIn(searchWithout([rule], scope, FOUND))).toContain(alone);
  });

  it.each(rowsWith('together').filter(isNow))(
    '%s is missed with those behind it',
    (rule, stand) => {
      const { behind, together, scope } = stand;
      expect(brokenIn(searchWithout([rule, ...behind], scope, FOUND))).toContain(together);
      expect(brokenIn(searchWithout([rule], scope, UNSEEN))).toEqual([]);
      expect(brokenOnWalk([rule], scope)).toEqual([]);
    },
  );

  it('a walk meets what is missed, whatever the seed', () => {
    const name = 'qingtian-refusals';
    const some = RULE_FAULTS.filter(({ scope }) => scope === name);
    const broken = some.flatMap(({ without = [] }) => brokenOnWalk(without, name, 1000));
    expect(broken).not.toEqual([]);
  });

  it.each(rowsWith('throwsIn'))('%s: without it the step throws', (rule, { throwsIn }) => {
    const broken = brokenIn(searchWithout([rule], throwsIn, FOUND));
    expect(broken).toEqual([expect.stringMatching(/^(decide|apply)-throws$/)]);
  });

  it.each(rowsWith('nothing'))('%s: nothing is had that is read', (rule, { scope }) => {
    expect(brokenIn(searchWithout([rule], scope, UNSEEN))).toEqual([]);
    expect(brokenOnWalk([rule], scope)).toEqual([]);
  });

  it.each(['qingtian-refusals', 'qingtian-2x4x2x2', 'nitro-refusals'])(
    'in %s the same is refused by those behind, and by rows of words all the same',
    (name) => {
      const said = saidInstead(name);
      const wrong = ROWS.flatMap(([rule, stand]) => {
        const answers = [...(said.get(rule) ?? [])];
        if ('wordsOnly' in stand) return answers.filter((one) => one !== rule);
        if (!('behind' in stand) || 'together' in stand || stand.scope !== name) return [];
        expect(answers, rule).not.toEqual([]);
        return answers.filter((one) => !stand.behind.includes(one));
      });
      expect(wrong).toEqual([]);
    },
  );
});
