/**
 * How one thing that was asked ended: what an expectation on a launch or a reservation looks at.
 *
 * Invariant: `found` says what was found instead and is undefined exactly when all of it is met; the
 * first part that differs is the one that is told.
 */
import type { Refusal } from '../../core/refusal/refusal.js';
import type { TimelineEntry } from '../../reports/record.js';
import { parseMemoryKib } from '../schema/quantity.js';
import type { Expectation } from '../schema/scenario.js';

/** `found` is what was found instead; undefined = met. */
export interface Checked {
  readonly text: string;
  readonly found: string | undefined;
}

type OnLaunch = Extract<Expectation, { readonly launch: string }>;
type OnReservation = Extract<Expectation, { readonly reservation: unknown }>;
type Wanted = OnLaunch['is'];

/** Whether it succeeded, or was refused in the words that were wanted. */
export function checkOutcome(entry: TimelineEntry | undefined, wanted: Wanted): Checked {
  const text = wanted === 'ok' ? 'succeeds' : `is refused${wordsOf(wanted)}`;
  if (entry === undefined) return { text, found: 'it never happened' };
  const { refusal, stage } = entry;
  const got = refusal === undefined ? 'it succeeded' : saidOf(refusal);
  if (wanted === 'ok') return { text, found: refusal === undefined ? undefined : got };
  const met =
    refusal !== undefined &&
    (wanted.code === undefined || refusal.codes.includes(wanted.code)) &&
    (wanted.rule === undefined || refusal.rule === wanted.rule) &&
    (wanted.stage === undefined || stage === wanted.stage);
  if (!met) return { text, found: `${got}${stage === undefined ? '' : ` at ${stage}`}` };
  return { text, found: otherWords(refusal, wanted) };
}

/** Exit status and printed lines of the platform's own program. */
export function checkProgram(
  entry: TimelineEntry | undefined,
  { status, prints = [] }: Pick<OnLaunch, 'status' | 'prints'>,
): Checked[] {
  const printed = entry?.printed?.join('\n') ?? '';
  const parts = typeof prints === 'string' ? [prints] : prints;
  return [
    ...(status === undefined ? [] : [same(`and exits with ${status}`, status, entry?.status)]),
    ...parts.map((part) => ({
      text: `and prints "${part}"`,
      found: printed.includes(part) ? undefined : `printed ${quoted(printed)}`,
    })),
  ];
}

/** Each wanted try must be among those made, with just these counts of the sizes named. */
export function checkAttempts(
  entry: TimelineEntry | undefined,
  wanted: NonNullable<OnReservation['attempts']>,
): Checked[] {
  const made = entry?.attempts ?? [];
  return wanted.map(({ node, pages }) => {
    const sizes = Object.keys(pages);
    const count = (of: (size: string) => number): string =>
      sizes.map((size) => `${of(size)} × ${size}`).join(' + ');
    const text = `and had ${count((size) => pages[size])} on node ${node}`;
    const had = made
      .filter((one) => one.node === node)
      .map((one) => count((size) => one.pages[String(parseMemoryKib(size))] ?? 0));
    const met = had.includes(count((size) => pages[size]));
    return { text, found: met ? undefined : had.join(', then ') || 'no try there' };
  });
}

export function same<T>(text: string, wanted: T, got: T | undefined): Checked {
  return { text, found: wanted === got ? undefined : String(got ?? 'nothing') };
}

/** One result of several; what is found is that of the first part that differs. */
export function allOf(parts: readonly Checked[]): Checked {
  const failed = parts.find(({ found }) => found !== undefined);
  return { text: parts.map(({ text }) => text).join(' '), found: failed?.found };
}

/** What the message or the numbers were instead. */
function otherWords(
  { message, numbers }: Refusal,
  { says, numbers: wanted = {} }: Exclude<Wanted, 'ok'>,
): string | undefined {
  if (says !== undefined && !message.includes(says)) return quoted(message);
  const differs = Object.keys(wanted).filter(
    (key) => !Object.hasOwn(numbers, key) || String(numbers[key]) !== String(wanted[key]),
  );
  if (differs.length === 0) return undefined;
  return Object.entries(numbers)
    .map(([key, value]) => `${key} = ${value}`)
    .join(', ');
}

/** "E29 ← NE 269 nitro.start-full-cores"; the rule alone where no code is published. */
function saidOf({ codes, rule }: Refusal): string {
  return codes.length === 0 ? rule : `${codes.join(' ← ')} ${rule}`;
}

function wordsOf({ code, rule, stage, says, numbers }: Exclude<Wanted, 'ok'>): string {
  const parts = [
    code,
    rule,
    stage === undefined ? undefined : `at ${stage}`,
    says === undefined ? undefined : quoted(says),
    ...Object.entries(numbers ?? {}).map(([key, value]) => `${key} = ${value}`),
  ];
  const said = parts.filter((part) => part !== undefined).join(' ');
  return said === '' ? '' : ` with ${said}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\n', ' ')}"`;
}
