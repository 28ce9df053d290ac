/**
 * Whether what a scenario expects of a refusal can come at all: rules, codes and stages that exist, each
 * under its own key, and on a platform that the expectation is for.
 *
 * Invariant: what a platform of the run or of the file can say is never wrong input, even where another of
 * them cannot: such an expectation is not met there, and that is told by its run. Trade-off: the lists of
 * all platforms are loaded only for an id that those of the run do not have.
 */
import { platformNamed } from '../../core/platform/names.js';
import type { PlatformId } from '../../core/platform/profile.js';
import { nearestWords } from '../../core/units/nearest-word.js';
import type { KnownIds } from '../explain/known-ids.js';
import type { ExpectedId } from '../schema/expected-ids.js';
import { familyOf } from '../schema/platforms.js';
import { type Finding, quoteValue } from '../schema/problem.js';
import type { Platform } from './platform.js';
import { STAGES } from './stages.js';

const MOST_NEAR = 3;
type Kind = ExpectedId['kind'];
type Known = Readonly<Record<Kind, KnownIds>>;

/**
 * A finding for each id that cannot come, with what is near. `stated`: names of platforms that the file
 * is for, beside those it runs on now.
 */
export async function unknownIds(
  expected: readonly ExpectedId[],
  platforms: readonly Platform[],
  stated: readonly string[] = [],
): Promise<Finding[]> {
  // A platform that there is not is told by itself, and may have been meant for any.
  const meant = stated.every((name) => platformNamed(name) !== undefined)
    ? [...platforms.map(({ profile }) => profile.platform), ...stated.map(familyOf)]
    : [];
  const strange = expected.filter((one) => !isOwn(one, platforms));
  if (strange.length === 0) return [];
  const known = await everything();
  return strange.flatMap((one) => findingOf(one, known, [...new Set(meant)]));
}

/** What is expected on whatever platform runs, and another one alone can say. */
export async function cannotCome(
  expected: readonly ExpectedId[],
  platform: Platform,
): Promise<Finding[]> {
  const strange = expected.filter((one) => one.on === undefined && !isOwn(one, [platform]));
  if (strange.length === 0) return [];
  const known = await everything();
  const here = platform.profile.platform;
  return strange.flatMap(({ path, kind, id }) => {
    const having = known[kind].get(id) ?? [];
    if (having.length === 0 || having.includes(here)) return [];
    const message = `${quoteValue(id)} is a ${kind} of ${having.join(' and ')}: never met on ${here}`;
    return [{ path, message, suggestion: `\`on: ${having[0]}\` expects it there only` }];
  });
}

/** Whether a platform of the run, if its expectation is for it, has it. */
function isOwn({ kind, id, on }: ExpectedId, platforms: readonly Platform[]): boolean {
  return platforms.some(({ profile, newSurface }) => {
    if (on !== undefined && on !== profile.platform) return false;
    if (kind === 'stage') return STAGES[profile.platform].some(({ name }) => name === id);
    if (kind === 'code') return profile.rules.some(({ codes }) => codes.includes(id));
    return [...profile.rules, ...newSurface().rules].some((rule) => rule.id === id);
  });
}

async function everything(): Promise<Known> {
  const { knownCodes, knownRules } = await import('../explain/known-ids.js');
  return { rule: knownRules(), code: knownCodes(), stage: knownStages() };
}

function knownStages(): KnownIds {
  const known = new Map<string, PlatformId[]>();
  for (const platform of Object.keys(STAGES) as PlatformId[]) {
    for (const { name } of STAGES[platform])
      known.set(name, [...(known.get(name) ?? []), platform]);
  }
  return known;
}

function findingOf(one: ExpectedId, known: Known, meant: readonly string[]): Finding[] {
  const { path, kind, id, on } = one;
  const wanted = on === undefined ? meant : [on];
  const having = known[kind].get(id);
  if (having === undefined) return [{ path, ...strangerOf(kind, id, known, wanted) }];
  if (wanted.length === 0 || having.some((platform) => wanted.includes(platform))) return [];
  const message = `${quoteValue(id)} is a ${kind} of ${having.join(' and ')}, and this is expected on ${wanted.join(' and ')}`;
  return [{ path, message, suggestion: otherwise(one, known[kind], having, wanted) }];
}

/** One that is near and can come there, or the platform that it can come from. */
function otherwise(
  { id, on }: ExpectedId,
  known: KnownIds,
  having: readonly string[],
  wanted: readonly string[],
): string {
  const own = [...known.keys()].filter((one) => isOf(known, one, wanted));
  const near = nearestWords(id, own, MOST_NEAR).map((word) => `\`${word}\``);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  const where = `\`on: ${having[0]}\``;
  return on === undefined ? `on a run of several platforms say ${where}` : `write ${where}`;
}

/** What nothing of this kind is called by: of another kind, near to one, or far from all. */
function strangerOf(
  kind: Kind,
  id: string,
  known: Known,
  wanted: readonly string[],
): Pick<Finding, 'message' | 'suggestion'> {
  const others = KINDS.filter((other) => other !== kind);
  const other = others.find((one) => known[one].has(id));
  if (other !== undefined) {
    const message = `${quoteValue(id)} is a ${other}, not a ${kind}`;
    return { message, suggestion: `write \`${other}: ${id}\`` };
  }
  const message = `no ${kind} is called ${quoteValue(id)}`;
  const near = nearIds(id, known[kind], wanted);
  const nearOthers = others.flatMap((one) => nearIds(id, known[one], wanted, `${one}: `));
  const best = near.length > 0 ? near : nearOthers.slice(0, MOST_NEAR);
  if (best.length > 0) return { message, suggestion: `did you mean ${best.join(' or ')}?` };
  return { message, suggestion: LISTS[kind](wanted) };
}

/** Those of the platforms that are meant, else those of any. */
function nearIds(id: string, known: KnownIds, wanted: readonly string[], before = ''): string[] {
  const all = [...known.keys()];
  const own = all.filter((one) => isOf(known, one, wanted));
  const near = nearestWords(id, own, MOST_NEAR);
  const words = near.length > 0 ? near : nearestWords(id, all, MOST_NEAR);
  return words.map((word) => `\`${before}${word}\``);
}

function isOf(known: KnownIds, id: string, platforms: readonly string[]): boolean {
  return known.get(id)?.some((platform) => platforms.includes(platform)) ?? false;
}

const KINDS: readonly Kind[] = ['rule', 'code', 'stage'];

const LISTS: Readonly<Record<Kind, (wanted: readonly string[]) => string>> = {
  rule: () => '`hypercarve explain rule` lists the rules',
  code: () => '`hypercarve explain` lists the families of codes',
  stage: (wanted) => {
    const all = Object.keys(STAGES) as PlatformId[];
    const meant = all.filter((platform) => wanted.includes(platform));
    const names = (meant.length > 0 ? meant : all).flatMap((platform) =>
      STAGES[platform].map(({ name }) => `\`${name}\``),
    );
    return `known: ${names.join(', ')}`;
  },
};
