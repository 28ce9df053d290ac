/** A refusal's codes as a person meets them, outermost first: "E29 ← NE 264". */
import type { Refusal } from '../../core/refusal/refusal.js';
import { marksOf } from './marks.js';
import type { Style } from './style.js';

/** Empty when the platform publishes no code for the rule. */
export function codeText(codes: Refusal['codes'], style: Style): string {
  return codes.join(marksOf(style).causedBy);
}
