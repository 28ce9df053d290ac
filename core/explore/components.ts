/**
 * A register of components: parts of a host's state, each different content numbered once.
 *
 * A key holds the numbers of its components instead of their contents (the collapse of Holzmann's
 * state compression, SPIN 1997). Invariant: equal text has equal numbers, different text different
 * ones, so a key of numbers is as exact as the contents. Trade-off: contents are kept for ever and
 * told apart by text; there are few, since a part repeats in most states.
 */
export interface Components<Part> {
  /** How many different contents were seen. */
  readonly size: number;
  /** The number of a content; `make` is asked once for the part to keep, which nobody may change. */
  numberOf(text: string, make: () => Part): number;
  /** The part of a number. */
  part(number: number): Part;
}

export function createComponents<Part>(): Components<Part> {
  const numbers = new Map<string, number>();
  const parts: Part[] = [];
  return {
    get size() {
      return parts.length;
    },
    numberOf(text, make) {
      const known = numbers.get(text);
      if (known !== undefined) return known;
      numbers.set(text, parts.length);
      return parts.push(make()) - 1;
    },
    part: (number) => parts[number],
  };
}
