/**
 * How wide help is laid out: HELP_COLUMNS, or less where the terminal has less.
 *
 * Trade-off: a wide terminal gets no wider text, so that nearly everywhere it is the same one, which
 * a build can bake.
 */

export const HELP_COLUMNS = 80;

/** Descriptions beside a name are wrapped down to so many columns; below, the terminal does it. */
export const NARROWEST_TEXT = 20;

/** Columns for help on this stream. */
export function helpWidth({ isTTY, columns }: NodeJS.WriteStream): number {
  return isTTY ? Math.min(columns, HELP_COLUMNS) : HELP_COLUMNS;
}
