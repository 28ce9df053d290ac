/**
 * Entries for the names that `verify` prints beside invariants: what a scope must reach, where the
 * simulator threw, and which bugs its self-test plants.
 *
 * Invariant: each stands in the table that the search itself walks, so none is printed without an entry.
 */
import { PLANTED_FAULTS } from '../../core/explore/planted-faults.js';
import { STAGES } from '../../core/explore/throws.js';
import { REACHED } from '../../core/invariants/reached.js';
import type { Entry } from './entry.js';

export function reachedEntries(): Entry[] {
  return REACHED.map(({ id, sentence }) => ({
    code: id,
    family: 'reached',
    also: [],
    means: sentence,
    saidBy: 'hypercarve verify, of a scope (--properties names all)',
    checked: 'in every state, until it was reached once',
    raisedBy: [],
    remedy:
      'One that no state reaches fails the run: the scope is too small for it, or the model lost it.',
    source: 'this model: what a search must have reached to mean anything',
  }));
}

export function throwEntries(): Entry[] {
  return Object.entries(STAGES).map(([stage, what]) => ({
    code: `${stage}-throws`,
    family: 'throw',
    also: [],
    means: `The simulator itself throws while it is ${what} a command or what that did.`,
    saidBy: 'hypercarve verify, as a breach, with the shortest path to it',
    checked: 'at every command that is tried',
    raisedBy: [],
    remedy: 'A bug of the model: report it with the scenario that verify prints.',
    source: 'this model: no command, accepted or refused, throws',
  }));
}

export function faultEntries(): Entry[] {
  return PLANTED_FAULTS.map(({ id, sentence, platform, noticedBy, without }) => ({
    code: id,
    family: 'fault',
    also: [],
    means: sentence,
    saidBy: `hypercarve verify --self-test (${platform})`,
    checked: `by ${noticedBy}, in a search with this bug planted`,
    raisedBy: [],
    remedy: 'Nothing, where it is found: NOT FOUND says that a check is too weak; report that.',
    ...(without === undefined ? {} : { note: `left out for it: ${without.join(', ')}` }),
    source: 'this model: bugs that are planted to show that the checks can fail',
  }));
}
