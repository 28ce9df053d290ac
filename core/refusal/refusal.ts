/**
 * A refusal: a platform's typed "no", as data.
 *
 * An expected no is never thrown. It names the layer that said it, the codes a person would see on
 * the machine (outermost first: nitro-cli's E29 around the driver's NE 264), the rule of ours that
 * decided, the numbers that were compared, and what a person can do about it. The numbers are the
 * rule's own operands, so that a report never has to recompute why.
 */

/** Who said no, from the outside in. */
export type Layer = 'input' | 'cli' | 'service' | 'parent' | 'platform' | 'driver' | 'hypervisor';

/** A code of a published list, as a person meets it: "QT 10", "E29", "NE 264", "EINVAL", "206". */
export type Code = string;

/** The operands of the comparison that failed; sizes say their unit in the key. */
export type Numbers = Readonly<Record<string, number | string>>;

export interface Refusal {
  readonly layer: Layer;
  /** Outermost … root. Empty when the platform publishes no code for this rule. */
  readonly codes: readonly Code[];
  /** Id of the rule row that decided. */
  readonly rule: string;
  /** One sentence with the numbers in it. */
  readonly message: string;
  readonly numbers: Numbers;
  /** What a person can do next. */
  readonly remedy: string;
}

/** Wraps a refusal in an outer layer's code: E29 around NE 264. The root stays last. */
export function wrapRefusal(inner: Refusal, layer: Layer, code: Code): Refusal {
  const { codes, rule, message, numbers, remedy } = inner;
  return { layer, codes: [code, ...codes], rule, message, numbers, remedy };
}
