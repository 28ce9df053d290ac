/**
 * The self-test: each planted fault must be found by the search, by the property meant for it, within
 * a few commands.
 *
 * A path is a shortest one from a fresh host. Every command of the platform counts as one: also a
 * whole launch, where the platform has that in one command (QingTian), which is tried beside its
 * steps. Invariant: the answer says for every fault what was found, never only that something was, and
 * comes after so many states at most: a host whose fault nobody stops may have no end of states.
 * Trade-off: a fault is looked for in one scope, its own or the first of its platform.
 */

import { PLANTED_FAULTS, type PlantedFault, plant } from './planted-faults.js';
import { withLaunches } from './qingtian-scopes.js';
import { createRememberingModel } from './remembering-model.js';
import type { Scope } from './scope.js';
import { SCOPES } from './scopes.js';
import { type Search, search } from './search.js';
import { type Trail, trailOf } from './trail.js';

/** Most commands a path may have. */
export const FEW = 6;
/** A fault is given up after that many states; those shipped are found within some hundred. */
export const MOST_STATES = 5_000;

export interface Tested {
  readonly fault: PlantedFault;
  readonly scope: string;
  /** The property meant for the fault is among those broken, after few commands. */
  readonly noticed: boolean;
  /** Ids of the properties found broken; [] = nothing found. */
  readonly properties: readonly string[];
  readonly states: number;
  /** It was given up at the most states. */
  readonly gaveUp: boolean;
  readonly trail?: Trail;
}

/**
 * Searches with each fault planted; `told` hears of each as it is done.
 * @param faults all that are shipped, or some of them
 */
export function selfTest(
  told: (tested: Tested) => void = () => undefined,
  faults: readonly PlantedFault[] = PLANTED_FAULTS,
): Tested[] {
  return faults.map((fault) => {
    const tested = testFault(fault);
    told(tested);
    return tested;
  });
}

/** Searches a scope, by default the fault's own, with the fault planted. */
export function testFault(
  fault: PlantedFault,
  scope = scopeFor(fault),
  maxStates = MOST_STATES,
): Tested {
  const { found, counts, complete }: Search = search(
    createRememberingModel(scope, { host: plant(scope.build(), fault) }),
    { maxStates },
  );
  const properties = found?.breach.properties ?? [];
  const isShort = found !== undefined && found.path.length <= FEW;
  return {
    fault,
    scope: scope.name,
    noticed: isShort && properties.includes(fault.noticedBy),
    properties,
    states: counts.unique,
    gaveUp: found === undefined && !complete,
    ...(found === undefined ? {} : { trail: trailOf(scope, found.path, fault) }),
  };
}

function scopeFor({ platform, scope: name }: PlantedFault): Scope {
  const scope = SCOPES.find((one) => one.platform === platform && one.name === (name ?? one.name));
  if (scope === undefined) throw new Error(`no scope of ${platform}`);
  return platform === 'qingtian' ? withLaunches(scope) : scope;
}
