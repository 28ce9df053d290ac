/**
 * A throw while a command is decided, applied or audited, as a breach of its own name.
 *
 * A store that is asked to give a frame to a second owner throws: that is the fault a search is for, as
 * much as a broken invariant. Invariant: only what one of the three stages throws is a breach; a throw of
 * the search itself stays an error. Trade-off: nothing is caught move by move. A search that meets a
 * throw asks the model once more, which then makes the moves of that state one by one.
 */
import type { Breach } from './model.js';

/** The stages of a move, and what is done in them, in words. */
export const STAGES = { decide: 'deciding', apply: 'applying', audit: 'auditing' } as const;
export type Stage = keyof typeof STAGES;

/** What a stage throws, as a breach; undefined = nothing. */
export function throwIn(stage: Stage, what: string, act: () => void): Breach | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { properties: [`${stage}-throws`], message: `${STAGES[stage]} ${what} throws: ${why}` };
  }
}
