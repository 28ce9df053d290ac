/** Arguments of the bench's own commands. Invariant: a number that is none is never taken for one. */

/** The whole number from 1 after `name`; `otherwise` where it is not named, undefined when it is no such number. */
export function wholeNumber(
  args: readonly string[],
  name: string,
  otherwise: number,
): number | undefined {
  const at = args.indexOf(name);
  const value = at < 0 ? otherwise : Number(args[at + 1]);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
