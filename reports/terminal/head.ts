/** The top of a report: the verdict first, then which scenario ran on which parent VM. */
import { counted } from '../../core/units/counted.js';
import { formatKib } from '../../core/units/size.js';
import type {
  ExpectationResult,
  HostPicture,
  RefusalGroup,
  RunRecord,
  ScenarioHead,
  TimelineEntry,
} from '../record.js';
import { refusedSteps } from '../refused-steps.js';
import { reservationsBehind } from '../reservations-behind.js';
import { codeText } from './code-text.js';
import { BLANK, INDENT, type Line, labelled, paragraph, span } from './line.js';
import { marksOf } from './marks.js';
import { parentName, usableText } from './parent-text.js';
import type { Style } from './style.js';
import { verdictMark } from './verdict-mark.js';

/** Digits of a hash that are shown; the record has all. */
const HASH_DIGITS = 16;

/**
 * OK, REFUSED or FAILED, the counts, the first expectation that failed, and the refusal that leads with its
 * remedy.
 */
export function verdictLines(record: RunRecord, style: Style): Line[] {
  const { verdict } = record;
  return [
    ...labelled(verdictMark(record), verdict.text, style, 0),
    ...paragraph(countsText(record, style), style, INDENT, 'quiet'),
    ...tellingExpectation(record, style),
    ...tellingRefusal(record, style),
    BLANK,
  ];
}

function countsText({ verdict, timeline, commands, audited }: RunRecord, style: Style): string {
  const audit = audited === 'end' ? 'audited at the end' : 'audited after every command';
  return [
    `${verdict.launches} ${verdict.launches === 1 ? 'launch' : 'launches'}`,
    `${verdict.launched} launched`,
    `${verdict.launches - verdict.launched} refused`,
    `${verdict.running} running`,
    ...refusedSteps(timeline),
    `${commands} ${commands === 1 ? 'command' : 'commands'} ${audit}`,
  ].join(marksOf(style).between);
}

function tellingExpectation(record: RunRecord, style: Style): Line[] {
  const failed = firstUnmet(record);
  if (failed === undefined) return [];
  const { text, found } = failed;
  return [
    ...labelled(span('unmet  ', 'bad'), text, style, INDENT),
    ...(found === undefined ? [] : labelled(span('found  ', 'bad'), found, style, INDENT)),
  ];
}

function firstUnmet({ expectations }: RunRecord): ExpectationResult | undefined {
  return expectations.find(({ met }) => !met);
}

/** The refusal that leads, a reservation's with what was refused most for want of it. */
function tellingRefusal(record: RunRecord, style: Style): Line[] {
  const failed = firstUnmet(record);
  const [first, then] = failed === undefined ? leading(record) : foundInstead(record, failed);
  if (first === undefined) return [];
  const reservation = entriesOf(first, record).some(({ kind }) => kind === 'reserve');
  const what = reservation ? 'reservation, ' : '';
  return [
    ...labelled(span('refused', 'bad'), `${what}${saidText(first, style)}`, style, INDENT),
    ...labelled(span('remedy ', 'good'), first.example.remedy, style, INDENT),
    ...(then === undefined ? [] : consequence(then, style)),
  ];
}

function consequence(group: RefusalGroup, style: Style): Line[] {
  const text = `${counted(group.count, 'refusal')}, ${saidText(group, style)}`;
  return labelled(span('then   ', 'quiet'), text, style, INDENT);
}

type Told = readonly [first?: RefusalGroup, then?: RefusalGroup];

function leading({ refusals, timeline }: RunRecord): Told {
  const [first, ...others] = refusals;
  if (first === undefined) return [];
  const wanting = reservationsBehind(timeline).flatMap((behind, at) =>
    behind !== undefined && isOf(first, timeline[behind]) ? [timeline[at]] : [],
  );
  return [first, others.find((group) => wanting.some((entry) => isOf(group, entry)))];
}

/**
 * Beside an expectation that failed only what was found in its place is told, after the refused
 * reservation that it had to do without: another refusal may well have been expected. What was found
 * may name no refusal, as of a count; then a refused reservation that leads and that nobody expected
 * is told.
 */
function foundInstead(record: RunRecord, failed: ExpectationResult): Told {
  const { refusals, timeline } = record;
  const at = timeline.findLastIndex(
    ({ kind, name }) =>
      kind === 'launch' && name !== undefined && failed.text.startsWith(`${name} `),
  );
  const named = refusals.filter((group) => isNamedIn(failed.found ?? '', group));
  const own = at === -1 ? undefined : inItsWords(named, timeline[at]);
  const found = own ?? named[0];
  if (found === undefined) return at === -1 ? unexpectedReservation(record) : [];
  const behind = reservationsBehind(timeline)[at];
  if (behind !== undefined) {
    return [refusals.find((group) => isOf(group, timeline[behind])), found];
  }
  const told = leading(record);
  return at === -1 && found === told[0] ? told : [found];
}

/** The group of an entry's refusal with that refusal for example: others of it had other numbers. */
function inItsWords(
  groups: readonly RefusalGroup[],
  entry: TimelineEntry,
): RefusalGroup | undefined {
  const group = groups.find((one) => isOf(one, entry));
  const { refusal } = entry;
  return group === undefined || refusal === undefined ? undefined : { ...group, example: refusal };
}

function unexpectedReservation(record: RunRecord): Told {
  const told = leading(record);
  const [, then] = told;
  const wanted = record.expectations.some(({ text }) => text.startsWith('reservation is refused'));
  return then === undefined || wanted ? [] : told;
}

/** As a whole word: "QT 1" is not in "QT 10". */
function isNamedIn(found: string, { rule, example: { codes } }: RefusalGroup): boolean {
  return [rule, ...codes].some((name) => ` ${found} `.includes(` ${name} `));
}

/** "E29 ← NE 264: message"; the rule where no code is published. */
function saidText({ example, rule }: RefusalGroup, style: Style): string {
  return `${codeText(example.codes, style) || rule}: ${example.message}`;
}

function entriesOf(group: RefusalGroup, { timeline }: RunRecord): TimelineEntry[] {
  return timeline.filter((entry) => isOf(group, entry));
}

function isOf({ example: { rule, codes } }: RefusalGroup, { refusal }: TimelineEntry): boolean {
  return refusal?.rule === rule && refusal.codes.join(' ') === codes.join(' ');
}

/** Title, what it teaches, platform and options, the parent VM, and the run's hashes. */
export function scenarioLines(record: RunRecord, style: Style): Line[] {
  const { scenario, host } = record;
  const detail = (label: string, text: string): Line[] =>
    text === '' ? [] : labelled(span(label.padEnd(8), 'quiet'), text, style, INDENT);
  return [
    ...paragraph(scenario.title, style, 0, 'strong'),
    ...(scenario.teaches === '' ? [] : paragraph(scenario.teaches, style, INDENT)),
    ...detail('platform', platformText(scenario, style)),
    ...detail('parent', hostText(host, style)),
    ...detail('facts', host.provenance.join('; ')),
    ...detail('follows', host.follows.join('; ')),
    ...detail('source', scenario.source ?? ''),
    ...detail('derived', derivedText(scenario)),
    ...detail('differs', scenario.differs?.join('; ') ?? ''),
    ...detail('run', runText(record, style)),
    BLANK,
  ];
}

function platformText({ platform, options, seed, file }: ScenarioHead, style: Style): string {
  const chosen = Object.entries(options).map(([name, value]) => `${name} = ${value}`);
  return [platform, `seed ${seed}`, file, ...chosen].join(marksOf(style).between);
}

function hostText(host: HostPicture, style: Style): string {
  const nodes = `${host.nodes.length} NUMA ${host.nodes.length === 1 ? 'node' : 'nodes'}`;
  return [
    `${parentName(host)} (${host.architecture})`,
    `${host.vcpus} vCPUs, ${host.threadsPerCore} per core`,
    usableText(host),
    nodes,
    `pages of ${host.pageSizesKib.map(formatKib).join(', ')}`,
  ].join(marksOf(style).between);
}

function derivedText({ derived }: ScenarioHead): string {
  return derived.length === 0 ? '' : `${derived.join('; ')} (tuned to the outcome: proves nothing)`;
}

function runText({ runId, resultHash, engine }: RunRecord, style: Style): string {
  return [
    runId.slice(0, HASH_DIGITS),
    `result ${resultHash.slice(0, HASH_DIGITS)}`,
    `${engine.name} ${engine.version}`,
  ].join(marksOf(style).between);
}
