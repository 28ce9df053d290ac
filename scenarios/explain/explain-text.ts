/** How an explanation reads on a terminal. Invariant: every line fits the width. */
import { BLANK, type Line, paint, paragraph, span } from '../../reports/terminal/line.js';
import type { Style } from '../../reports/terminal/style.js';
import { table } from '../../reports/terminal/table.js';
import { wrapText } from '../../reports/terminal/width.js';
import type { Entry, Family } from './entry.js';

const LABEL_WIDTH = 11;
/** Rules listed one by one; more are only counted. */
const MOST_RULES = 12;

export function entryText(entry: Entry, style: Style): string {
  const { code, also, means, saidBy, checked, example, gives, raisedBy } = entry;
  const lines = [
    ...paragraph(code, style, 0, 'strong'),
    // A rule says what must hold, all else what is so.
    ...field(entry.family === 'rule' ? 'rule' : 'means', means, style),
    ...field('also', also.filter((name) => !/^\d+$/.test(name)).join(', '), style),
    ...field('said by', saidBy, style),
    ...field('checked', checked ?? '', style),
    ...field('code', gives === undefined ? '' : gives.join(', ') || 'none published', style),
    ...field('example', example?.message ?? '', style),
    ...field('compares', example === undefined ? '' : numbersText(example.numbers), style),
    ...raisedLines(raisedBy, style),
    ...field('remedy', entry.remedy, style),
    ...field('note', entry.note ?? '', style),
    ...field('source', entry.source, style),
  ];
  return paint(lines, style);
}

/** Several entries, one line each: code, family, meaning. */
export function entryListText(entries: readonly Entry[], style: Style): string {
  const columns = [{ title: 'code' }, { title: 'family' }, { title: 'means', wrap: true }];
  const rows = entries.map(({ code, family, means }) => [
    span(code, 'strong'),
    span(family, 'quiet'),
    span(means),
  ]);
  return paint(table(columns, rows, style, 0), style);
}

export function familyListText(
  families: readonly (Family & { readonly entries: number })[],
  style: Style,
): string {
  const columns = [
    { title: 'family' },
    { title: 'entries', align: 'right' as const },
    { title: 'ask such as' },
    { title: 'what', wrap: true },
  ];
  const rows = families.map(({ id, entries, example, title }) => [
    span(id, 'strong'),
    span(String(entries)),
    span(example),
    span(title),
  ]);
  const hint = 'hypercarve explain CODE explains one; hypercarve explain FAMILY lists a family.';
  return paint([...table(columns, rows, style, 0), BLANK, ...paragraph(hint, style, 0)], style);
}

/** "label      text", wrapped at the text's own left edge; nothing for an empty text. */
function field(label: string, text: string, style: Style): Line[] {
  if (text === '') return [];
  return wrapText(text, style.width - LABEL_WIDTH).map((part, i) => [
    span((i === 0 ? label : '').padEnd(LABEL_WIDTH), 'quiet'),
    span(part),
  ]);
}

function raisedLines(raisedBy: Entry['raisedBy'], style: Style): Line[] {
  const texts = raisedBy
    .slice(0, MOST_RULES)
    .map(({ rule, platforms, sentence }) => `${rule} (${platforms.join(', ')}): ${sentence}`);
  if (raisedBy.length > MOST_RULES) texts.push(`and ${raisedBy.length - MOST_RULES} more rules`);
  return texts.flatMap((text, i) => field(i === 0 ? 'raised by' : ' ', text, style));
}

function numbersText(numbers: Readonly<Record<string, number | string>>): string {
  return Object.entries(numbers)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');
}
