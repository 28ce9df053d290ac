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
import { isMapping } from '../../core/units/field-checks.js';

/** What to try, and four draws (0 … 65535) that say on what. */
export interface Intent<Choice extends string> {
  readonly choice: Choice;
  readonly draws: readonly [number, number, number, number];
}

/** Turns an intent into the command it means on this host; only reads. */
export type Resolve<Choice extends string> = (host: Host, intent: Intent<Choice>) => Command;

/** How often each choice is drawn, relative to the others; 0 = never. */
export type Weights<Choice extends string> = Readonly<Record<Choice, number>>;

const TOO_SHORT = 'length should be a whole number from 1';

const draw = fc.nat({ max: 0xffff });

/**
 * Sequences of 1 to `length` intents. Throws a TypeError for weights of which nothing can be drawn; what
 * does not know a kind that is drawn says so (`unknownChoice`).
 */
export function intents<Choice extends string>(
  weights: Weights<Choice>,
  length: number,
): fc.Arbitrary<Intent<Choice>[]> {
  const wrong = wrongWeights(weights) ?? (isCount(length, 1) ? undefined : TOO_SHORT);
  if (wrong !== undefined) throw new TypeError(`commandSequences(weights, length): ${wrong}`);
  const wheel = (Object.keys(weights) as Choice[]).flatMap((choice) =>
    new Array<Choice>(weights[choice]).fill(choice),
  );
  const intent = fc.record({
    choice: fc.constantFrom(...wheel),
    draws: fc.tuple(draw, draw, draw, draw),
  });
  return fc.array(intent, { minLength: 1, maxLength: length, size: 'max' });
}

/** What keeps anything from being drawn by these weights, in words; undefined = nothing. */
function wrongWeights(weights: unknown): string | undefined {
  if (!isMapping(weights)) return 'weights should be a mapping of kinds to whole numbers';
  const kinds = Object.keys(weights);
  const wrong = kinds.find((kind) => !isCount(weights[kind], 0));
  if (wrong !== undefined) {
    const value = String(weights[wrong]);
    return `the weight of ${wrong} should be a whole number from 0, not ${value} (kinds: ${kinds.join(', ')})`;
  }
  if (kinds.some((kind) => weights[kind] !== 0)) return undefined;
  return `a weight should be above 0 (kinds: ${kinds.join(', ') || 'none'})`;
}

function isCount(value: unknown, from: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= from;
}

/** Of a kind that a platform's commands know nothing of: of another platform, or misspelt. */
export function unknownChoice(choice: string, weights: Weights<never>): TypeError {
  return new TypeError(
    `no kind of command here: ${choice}; there are ${Object.keys(weights).join(', ')}`,
  );
}

/** The element a draw falls on; undefined when the list is empty. */
export function pick<T>(list: readonly T[], draw: number): T | undefined {
  return list.length === 0 ? undefined : list[draw % list.length];
}

/** True in one of `of` draws, so that rare things happen rarely. */
export function rarely(draw: number, of: number): boolean {
  return draw % of === 0;
}
