/** The top of a report: the verdict first, then which scenario ran on which parent VM. */
import { formatKib } from '../../core/units/size.js';
import type {
  ExpectationResult,
  HostPicture,
  RefusalGroup,
  RunRecord,
  ScenarioHead,
} from '../record.js';
import { refusedSteps } from '../refused-steps.js';
import { codeText } from './code-text.js';
import { counted } from './counted.js';
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

/**
 * A refused reservation that leads is told with what was refused most after it. Beside an expectation that
 * failed only what was found in its place is told: another refusal may well have been expected.
 */
function tellingRefusal(record: RunRecord, style: Style): Line[] {
  const { timeline } = record;
  const failed = firstUnmet(record);
  const [first, second] =
    failed === undefined
      ? record.refusals
      : record.refusals.filter((group) => isNamedIn(failed.found ?? '', group));
  if (first === undefined) return [];
  const at = firstOf(first, timeline);
  const reservation = timeline[at]?.kind === 'reserve';
  const what = reservation ? 'reservation, ' : '';
  const follows = reservation && second !== undefined && at < firstOf(second, timeline);
  const consequence = follows ? [second] : [];
  return [
    ...labelled(span('refused', 'bad'), `${what}${saidText(first, style)}`, style, INDENT),
    ...labelled(span('remedy ', 'good'), first.example.remedy, style, INDENT),
    ...consequence.flatMap((group) =>
      labelled(
        span('then   ', 'quiet'),
        `${counted(group.count, 'refusal')}, ${saidText(group, style)}`,
        style,
        INDENT,
      ),
    ),
  ];
}

/** As a whole word: "QT 1" is not in "QT 10". */
function isNamedIn(found: string, { rule, example: { codes } }: RefusalGroup): boolean {
  return [rule, ...codes].some((name) => ` ${found} `.includes(` ${name} `));
}

/** "E29 ← NE 264: message"; the rule where no code is published. */
function saidText({ example, rule }: RefusalGroup, style: Style): string {
  return `${codeText(example.codes, style) || rule}: ${example.message}`;
}

/** The place of a group's first entry. */
function firstOf({ example: { rule, codes } }: RefusalGroup, timeline: RunRecord['timeline']) {
  const wanted = codes.join(' ');
  return timeline.findIndex(
    ({ refusal }) => refusal?.rule === rule && refusal.codes.join(' ') === wanted,
  );
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
