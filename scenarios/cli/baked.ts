/**
 * What the bundle step worked out beforehand: the texts that need no option parser.
 *
 * Invariant: in the bundle (test/bundle.ts) this module holds what main.ts printed in the same build,
 * a test compares the two; run from elsewhere it holds nothing and everybody asks main.ts.
 */

/** Texts as they go to the stream, newline included. */
export interface BakedTexts {
  /** Laid out for HELP_COLUMNS columns. */
  readonly help: string;
  readonly version: string;
}

export const BAKED: BakedTexts | undefined = undefined;
