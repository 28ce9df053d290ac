/**
 * Entries for the platforms themselves, each dated profile one: what `--platform` and a file's
 * `platform` take.
 *
 * Invariant: every profile that there is, by the id that reports print; a bare name asks for the one
 * that it means. Trade-off: what a dated document says otherwise stands in its rules, not here.
 */
import { profileIds } from '../../core/platform/names.js';
import { findProfile } from '../../core/platform/registry.js';
import type { Entry } from './entry.js';

export function platformEntries(): Entry[] {
  const names = new Map<string, string[]>();
  for (const name of profileIds()) {
    const { id } = profileOf(name);
    names.set(id, [...(names.get(id) ?? []), ...(name === id ? [] : [name])]);
  }
  return [...names].map(([id, also]) => ({
    code: id,
    family: 'platform',
    also,
    means: `${profileOf(id).title}.`,
    saidBy: 'this model: a rule book',
    raisedBy: [],
    remedy: `Nothing to correct: run a scenario by it with --platform ${id}.`,
    ...(also.length === 0 ? {} : { note: `${also.join(', ')} means this one` }),
    source: 'this model: `hypercarve explain rule` lists what the platforms check',
  }));
}

function profileOf(name: string) {
  const profile = findProfile(name);
  if (profile === undefined) throw new Error(`the registry lists ${name} and does not find it`);
  return profile;
}
