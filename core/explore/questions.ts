/**
 * What a search asks about each state that a move leads to: the invariants and the reached states.
 *
 * A question is what is looked at together. Legal moves, one node and caps are asked of the parent
 * and of each enclave by itself; invariants that look at the same frames are one question, since they
 * share the list of frames held. Invariant: each invariant is asked whole, in one question or in
 * all its parts; the legality of moves, and whether they lost something, is asked of every move, the rest of
 * new states. Trade-off: a question says only yes or
 * no; which invariant it was, and the words of the breach, are asked for once there is one.
 */
import { recordOf } from '../host/records.js';
import type { Enclave } from '../host/tree.js';
import { alignedContiguous } from '../invariants/aligned-contiguous.js';
import { INVARIANTS } from '../invariants/check.js';
import { frameOneOwner } from '../invariants/frame-one-owner.js';
import type { Always, Scene, Violation } from '../invariants/invariant.js';
import {
  illegalEnclave,
  illegalParentMove,
  lifecycleLegal,
} from '../invariants/lifecycle-legal.js';
import { leaked, noLeak } from '../invariants/no-leak.js';
import { numaLocal, spreadEnclave } from '../invariants/numa-local.js';
import { lostPins } from '../invariants/page-pins.js';
import { beyondCaps, beyondTotals, platformCaps } from '../invariants/platform-caps.js';
import { REACHED } from '../invariants/reached.js';
import { strandedCpus } from '../invariants/stranded-cpus.js';
import { CORES, VCPUS } from './facets.js';
import { BASE, CPUS } from './host-keys.js';

export type Question = (scene: Scene) => boolean;

export interface Questions {
  /** Asked of every move: whether it was legal for the parent, and for each enclave. */
  readonly ofMoves: readonly Question[];
  /** Asked of new states. */
  readonly ofStates: readonly Question[];
  /** Of new states, until it was yes once: the `sometimes` properties, in their order. */
  readonly ofReached: readonly Question[];
}

/** What a move may lose, and what tells it, before the move and after. */
export interface Loss {
  readonly question: Question;
  /** Words of a key that are facets. */
  readonly words: readonly number[];
  /** Groups of fields of every enclave. */
  readonly groups: readonly number[];
}

/** Asked of every move, too: whether it lost something. */
export const LOSSES: readonly Loss[] = [
  {
    question: (scene) => isBare(strandedCpus(scene)),
    words: [BASE, CPUS],
    groups: [CORES, VCPUS],
  },
  { question: (scene) => isBare(lostPins(scene)), words: [BASE], groups: [] },
];

/** Asked together, since they look at the same frames. */
const OF_FRAMES: readonly Pick<Always, 'check'>[] = [
  frameOneOwner,
  alignedContiguous,
  { check: leaked },
];
/** What those checks are of. */
const APART: readonly Always[] = [frameOneOwner, alignedContiguous, noLeak];
/** Asked of each enclave by itself. */
const BY_ENCLAVE: readonly Always[] = [lifecycleLegal, numaLocal, platformCaps];

/** @param onPaper lists may disagree where nothing is shared */
export function createQuestions(firstSlot: number, places: number, onPaper = false): Questions {
  const apart = new Set([...APART, ...BY_ENCLAVE]);
  const alone = INVARIANTS.filter((one) => !apart.has(one));
  const uids = Array.from({ length: places }, (_, place) => firstSlot + place);
  return {
    ofMoves: [
      (scene) => isBare(illegalParentMove(scene)),
      ...uids.map(
        (uid): Question =>
          (scene) =>
            isBare(illegalEnclave(scene, uid)),
      ),
    ],
    ofStates: [
      (scene) => OF_FRAMES.some(({ check }) => isBare(check(scene) ?? [])),
      ...alone.map(
        ({ check }): Question =>
          (scene) =>
            isBare(check(scene) ?? [], onPaper),
      ),
      (scene) => isBare(beyondTotals(scene)),
      ...uids.map(
        (uid): Question =>
          (scene) =>
            isBeyond(scene, uid),
      ),
    ],
    ofReached: REACHED.map(({ reached }) => reached),
  };
}

function isBeyond(scene: Scene, uid: number): boolean {
  const enclave: Enclave | undefined = recordOf(scene.host.tree, uid);
  if (enclave === undefined) return false;
  return isBare(spreadEnclave(scene, enclave)) || isBare(beyondCaps(scene, enclave));
}

/** Broken in a way that no named quirk explains, and not only on paper where that is allowed. */
function isBare(violations: readonly Violation[], onPaper = false): boolean {
  return violations.some((one) => one.quirk === undefined && !(onPaper && one.onPaper));
}
