/**
 * A record's texts made safe for a terminal, once, before anything is laid out.
 *
 * Invariant: no text of the result holds a control character, a direction override or a lone
 * surrogate, so a stored record cannot steer a terminal; without `unicode` all of it is ASCII.
 */

/** What cannot be shown: controls, format characters (zero width, direction), surrogates, private. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;
const PLAIN = /^[\x20-\x7e]*$/;
const BEYOND_ASCII = /[^\x20-\x7e]/gu;

/** Typographic characters and how ASCII says them. */
const SPELLED: Readonly<Record<string, string>> = {
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '…': '...',
  '·': '-',
  '×': 'x',
  '≤': '<=',
  '≥': '>=',
  '≠': '!=',
  '→': '->',
  '←': '<-',
  '\u00a0': ' ',
};

/** The text without what a terminal would obey or cannot show. */
export function printableText(text: string, unicode: boolean): string {
  if (PLAIN.test(text)) return text;
  const shown = text.replace(/[\t\r\n]+/g, ' ').replace(UNPRINTABLE, '?');
  return unicode ? shown : shown.replace(BEYOND_ASCII, (char) => SPELLED[char] ?? '?');
}

/** A JSON value of the same shape in which every text, keys included, is printable. */
export function printableJson<T>(value: T, unicode: boolean): T {
  // The walk changes texts only, so the shape T is kept.
  return walk(value, unicode) as T;
}

function walk(value: unknown, unicode: boolean): unknown {
  if (typeof value === 'string') return printableText(value, unicode);
  if (Array.isArray(value)) return value.map((item) => walk(item, unicode));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [printableText(key, unicode), walk(item, unicode)]),
  );
}
