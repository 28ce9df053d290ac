/**
 * Random command sequences that stay meaningful: a run draws intents, and each becomes a command only
 * when its turn comes, so that it can name an enclave, a page or a core that is there.
 *
 * Invariant: the same intents on the same host give the same commands, so a shrunk list of intents
 * is a replay. Trade-off: removing an intent may change what later ones mean; shrinking copes.
 */
import fc from 'fast-check';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';

/** What to try, and four draws (0 … 65535) that say on what. */
export interface Intent<Choice extends string> {
  readonly choice: Choice;
  readonly draws: readonly [number, number, number, number];
}

/** Turns an intent into the command it means on this host; only reads. */
export type Resolve<Choice extends string> = (host: Host, intent: Intent<Choice>) => Command;

/** How often each choice is drawn, relative to the others; 0 = never. */
export type Weights<Choice extends string> = Readonly<Record<Choice, number>>;

const draw = fc.nat({ max: 0xffff });

/** Sequences of exactly `length` intents (shorter ones only while shrinking). */
export function intents<Choice extends string>(
  weights: Weights<Choice>,
  length: number,
): fc.Arbitrary<Intent<Choice>[]> {
  const wheel = (Object.keys(weights) as Choice[]).flatMap((choice) =>
    new Array<Choice>(weights[choice]).fill(choice),
  );
  const intent = fc.record({
    choice: fc.constantFrom(...wheel),
    draws: fc.tuple(draw, draw, draw, draw),
  });
  return fc.array(intent, { minLength: 1, maxLength: length, size: 'max' });
}

/** The element a draw falls on; undefined when the list is empty. */
export function pick<T>(list: readonly T[], draw: number): T | undefined {
  return list.length === 0 ? undefined : list[draw % list.length];
}

/** True in one of `of` draws, so that rare things happen rarely. */
export function rarely(draw: number, of: number): boolean {
  return draw % of === 0;
}
