/**
 * How a terminal report may look: colour, width, characters. Decided once, from facts handed in.
 *
 * Invariant: nothing below reports/ reads the process; whoever owns the terminal passes what it
 * knows. Trade-off: characters follow the locale variables alone, since no terminal tells its font.
 */

export interface Style {
  /** May the text hold ANSI colour codes? */
  readonly color: boolean;
  /** Columns a line may take, at least NARROWEST. */
  readonly width: number;
  /** May the text hold characters beyond ASCII? */
  readonly unicode: boolean;
}

/** What a process knows about the stream it writes to. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTTY: boolean;
  /** Absent when the stream has no columns (a pipe, a file). */
  readonly columns?: number;
}

/** Lines are laid out for at least and at most this many columns. */
export const NARROWEST = 32;
const WIDEST = 120;
const WIDTH_OF_A_PIPE = 80;

/**
 * NO_COLOR (any text, see no-color.org) beats FORCE_COLOR ("0" and "false" mean no), which beats
 * whether the stream is a terminal; TERM=dumb takes no colour unless forced. COLUMNS is the width
 * where the stream has none, else a pipe gets 80.
 */
export function decideStyle({ env, isTTY, columns }: Terminal): Style {
  const told = columns ?? Number(env.COLUMNS);
  const asked = told > 0 ? told : WIDTH_OF_A_PIPE;
  return {
    color: wantsColor(env, isTTY),
    width: Math.max(NARROWEST, Math.min(Math.floor(asked), WIDEST)),
    unicode: /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || ''),
  };
}

function wantsColor(env: Terminal['env'], isTTY: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  return isTTY && env.TERM !== 'dumb';
}
