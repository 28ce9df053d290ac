/**
 * What is to be remarked of the variants of a sweep, each remark once, with whom it is about.
 *
 * Invariant: remarks are in the order of the first variant that has each; all variants are named by that
 * word, fewer one by one or by their number. Trade-off: equal texts are one remark, whatever parent of
 * each variant they are about.
 */

/** A remark, and the positions of the variants it is about. */
export interface SharedRemark {
  readonly text: string;
  readonly variants: readonly number[];
}

export function sharedRemarks(
  variants: readonly { readonly remarks: readonly string[] }[],
): readonly SharedRemark[] {
  const found = new Map<string, number[]>();
  for (const [v, { remarks }] of variants.entries()) {
    for (const text of remarks) found.set(text, [...(found.get(text) ?? []), v]);
  }
  return [...found].map(([text, about]) => ({ text, variants: about }));
}

/** "all variants", or of how many. */
export function howMany({ variants }: SharedRemark, of: number): string {
  return variants.length === of ? 'all variants' : `${variants.length} of ${of} variants`;
}
