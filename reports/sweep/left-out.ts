/**
 * Variants of a sweep that were not run, because a platform refuses what their parents are to have
 * reserved: that no is the answer to which reservation carries the demand, too.
 *
 * Invariant: codes, rule and words are the platform's own; a reason that several variants share word for
 * word is told once, with all of them named. Trade-off: where the memory of parents is drawn, the refusal
 * under the first seed that has one stands for the others, which are counted.
 */
import type { Refusal } from '../../core/refusal/refusal.js';
import { counted } from '../../core/units/counted.js';
import { codeText } from '../terminal/code-text.js';
import { DEEPER, INDENT, type Line, labelled, paragraph, section, span } from '../terminal/line.js';
import { printableJson } from '../terminal/printable.js';
import type { Style } from '../terminal/style.js';
import { howMany, sharedRemarks } from './remarks.js';

/** What the parents of an entry of the fleet are refused. */
export interface LeftOutReservation
  extends Pick<Refusal, 'layer' | 'codes' | 'rule' | 'message' | 'remedy'> {
  /** Position in the fleet file's `fleet`. */
  readonly entry: number;
  /** Where the parents' memory is drawn: under how many of the sweep's seeds. */
  readonly seeds?: { readonly refused: number; readonly of: number };
}

export interface LeftOutVariant {
  readonly name: string;
  readonly levels: Readonly<Record<string, string>>;
  /** In the order of the fleet's entries, at least one. */
  readonly reservations: readonly LeftOutReservation[];
}

/** "fleet[0] cannot be reserved: QT 10, not-enough-pages: …". */
function refusedText(refused: LeftOutReservation, style: Style): string {
  const { entry, codes, rule, message, seeds } = refused;
  const who = [codeText(codes, style), rule].filter((part) => part !== '').join(', ');
  const under =
    seeds === undefined ? '' : ` under ${seeds.refused} of ${counted(seeds.of, 'seed')}`;
  return `fleet[${entry}] cannot be reserved${under}: ${who}: ${message}`;
}

/** Each reason, and of how many of all variants: `run` of them are not left out. */
export function leftOutTexts(
  leftOut: readonly LeftOutVariant[],
  run: number,
  style: Style,
): string[] {
  const all = run + leftOut.length;
  return shared(leftOut, style).map((one) => `${one.text} (${howMany(one, all)})`);
}

/** Names in full: those that were not run have no number. */
export function leftOutLines(
  leftOut: readonly LeftOutVariant[],
  run: number,
  style: Style,
): Line[] {
  const body = shared(leftOut, style).flatMap(({ text, remedy, variants: about }) => [
    ...paragraph(`${namesOf(leftOut, about)}: ${text}`, style, INDENT),
    ...labelled(span('remedy:', 'good'), remedy, style, DEEPER),
  ]);
  const of = counted(run + leftOut.length, 'variant');
  return section(
    `left out, since they cannot be reserved: ${leftOut.length} of ${of}`,
    body,
    style,
  );
}

/** Equal words and an equal remedy are one reason. */
function shared(leftOut: readonly LeftOutVariant[], style: Style) {
  const reasons = printableJson(leftOut, style.unicode).map(({ reservations }) => ({
    remarks: reservations.map((one) => `${refusedText(one, style)}\n${one.remedy}`),
  }));
  return sharedRemarks(reasons).map(({ text: reason, variants }) => {
    const [text, remedy] = reason.split('\n', 2);
    return { text, remedy, variants };
  });
}

function namesOf(leftOut: readonly LeftOutVariant[], variants: readonly number[]): string {
  return variants.map((v) => leftOut[v].name).join('; ');
}
