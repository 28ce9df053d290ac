/** Refusals by rule: how often, for whom, the numbers of one of them, and what to do about it. */
import type { RefusalGroup, RunRecord } from '../record.js';
import { codeText } from './code-text.js';
import { BLANK, DEEPER, INDENT, type Line, labelled, section, span } from './line.js';
import { marksOf } from './marks.js';
import type { Style } from './style.js';

/** Names listed before the rest are counted. */
const MOST_NAMES = 8;

/** The section; nothing when nothing was refused. */
export function refusalList(record: RunRecord, style: Style): Line[] {
  const groups = record.refusals;
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const rules = groups.length === 1 ? 'one rule' : `${groups.length} rules`;
  const body = groups.flatMap((group, i) => [
    ...(i === 0 ? [] : [BLANK]),
    ...refusalGroup(group, style),
  ]);
  return section(`Refusals: ${count} by ${rules}`, body, style);
}

function refusalGroup(group: RefusalGroup, style: Style): Line[] {
  const { times, between } = marksOf(style);
  const { example } = group;
  const head = [group.rule, codeText(example.codes, style)].filter((text) => text !== '');
  const others = group.codes.filter((code) => !example.codes.includes(code));
  const details: readonly (readonly [string, string])[] = [
    ['rule', group.sentence],
    ['source', group.source],
    ['also', others.join(', ')],
    ['who', someNames(group.who)],
    ['said', example.message],
    ['numbers', numbersText(example.numbers)],
  ];
  return [
    ...labelled(span(`${group.count} ${times}`, 'bad'), head.join(between), style, INDENT),
    ...details
      .filter(([, text]) => text !== '')
      .flatMap(([label, text]) => labelled(span(label.padEnd(7), 'quiet'), text, style, DEEPER)),
    ...labelled(span('remedy '.padEnd(7), 'good'), example.remedy, style, DEEPER),
  ];
}

/** "a, b, c and 40 more". */
function someNames(names: readonly string[]): string {
  const listed = names.slice(0, MOST_NAMES).join(', ');
  return names.length <= MOST_NAMES ? listed : `${listed} and ${names.length - MOST_NAMES} more`;
}

function numbersText(numbers: RefusalGroup['example']['numbers']): string {
  return Object.entries(numbers)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');
}
