/**
 * A fleet run on the terminal: what got in, what did not and why, and how fast it went. What parents
 * could not have comes before whom they refused, since that follows from it.
 *
 * Invariant: numbers are those of the result, in its words, and every line fits the width; only the
 * rate comes from a clock. Trade-off: memory in GiB to a tenth, since it is a sum over parents; the
 * result (`--json`) has it in MiB.
 */
import { counted } from '../../core/units/counted.js';
import {
  BLANK,
  DEEPER,
  INDENT,
  type Line,
  labelled,
  paint,
  paragraph,
  type Span,
  section,
  span,
} from '../../reports/terminal/line.js';
import { printableJson } from '../../reports/terminal/printable.js';
import type { Style } from '../../reports/terminal/style.js';
import { type Column, type Row, table } from '../../reports/terminal/table.js';
import { timeText } from '../../reports/terminal/time-text.js';
import type { FirstRefusal, FleetResult } from './result.js';

export interface FleetReport {
  readonly title: string;
  readonly engine: string;
  readonly runId: string;
  readonly platform: string;
  readonly policy: string;
  readonly seed: number;
  readonly parents: number;
  /** Breaches of invariants were looked for. */
  readonly audited: boolean;
  readonly result: FleetResult;
}

const SHOWN = 12;
/** Columns of a label, so that the counts of all tables stand below each other. */
const LABEL = 24;
const COUNT = 12;
const MIB_PER_GIB = 1024;

/** `seconds`: CPU time of the run. */
export function renderFleet(stored: FleetReport, seconds: number, style: Style): string {
  const report = printableJson(stored, style.unicode);
  const { result, title, parents, platform, policy, seed } = report;
  const events = result.accepted + result.ended;
  const where = `${counted(parents, 'parent')}, ${platform}, ${policy}, seed ${seed}`;
  const rate = `${counted(events, 'event')} in ${seconds.toFixed(2)} s of CPU: ${rateText(events, seconds)} events/s`;
  const lines = [
    ...paragraph(title, style, 0, 'strong'),
    ...paragraph(where, style, INDENT),
    BLANK,
    ...counts(whatBecame(result), style),
    BLANK,
    ...byRule(
      'Events of parents that were refused',
      result.refusedEvents,
      style,
      result.firstRefusals,
    ),
    ...reservations(result, style),
    ...byRule(`${whoGotNowhere(result)} by rule`, result.refusedBy, style, result.firstRefusals),
    ...byRule('Proposals that were refused', result.refusedProposals, style),
    ...levels(result, style),
    BLANK,
    ...violations(report, style),
    BLANK,
    ...paragraph(rate, style, INDENT),
    ...paragraph(`result ${result.resultHash}`, style, INDENT, 'quiet'),
  ];
  return paint(lines, style);
}

type Count = readonly [label: string, count: number | string, note?: string | undefined];

const NO_PARENT_HAS =
  'asked for more vCPUs or memory than any parent has to give on as many nodes, even empty: more parents alike do not help';

function whatBecame(result: FleetResult): Count[] {
  const { acceptedLate, eventsAfterEnd = 0, groups, tooLarge = 0 } = result;
  const some = (label: string, count: number, note?: string): Count[] =>
    count === 0 ? [] : [[label, count, note]];
  return [
    ['asked', result.asked],
    ['accepted', result.accepted, acceptedLate === 0 ? '' : `${acceptedLate} of them late`],
    ['refused', result.refused],
    ...some('larger than any parent', tooLarge, NO_PARENT_HAS),
    ...some('expired in the queue', result.expired),
    ...some('lost with their parent', result.lost),
    ...some('on nodes not proposed', result.elsewhere),
    ...some('parent events too late', eventsAfterEnd, 'they lie after the end: nobody was left'),
    ...(groups === undefined ? [] : groupCounts(groups)),
  ];
}

/** Whom the rules of `refusedBy` count, in the words of the counts above them. */
function whoGotNowhere({ refused, expired }: FleetResult): string {
  if (expired === 0) return 'Refused';
  return refused === 0 ? 'Expired in the queue' : 'Refused, or expired in the queue';
}

function groupCounts({ kept, notKept }: NonNullable<FleetResult['groups']>): Count[] {
  const why = 'by fault_domain: not kept, since no domains of parents are known';
  const all: Count[] = [
    ['asked in groups', kept, 'by anti-affinity or affinity'],
    ['asked in groups', notKept, why],
  ];
  return notKept > 0 ? all : all.slice(0, 1);
}

/** Label, count and a note, which wraps. */
function counts(rows: readonly Count[], style: Style): Line[] {
  const label = Math.min(LABEL, style.width - INDENT - COUNT - 2);
  const columns = [{ title: '' }, { title: '', align: 'right' as const }, WRAPPED];
  const cells = rows.map(
    ([name, count, note = '']): Row => [
      span(name.padEnd(label)),
      span(String(count).padStart(COUNT - 2)),
      span(note, 'quiet'),
    ],
  );
  return table(columns, cells, style, INDENT);
}

const WRAPPED: Column = { title: '', wrap: true };

/** `told`: what was said, where anybody said it. */
function byRule(
  heading: string,
  byId: Readonly<Record<string, number>>,
  style: Style,
  told: FleetResult['firstRefusals'] = {},
): Line[] {
  const rules = Object.entries(byId);
  const more = rules.length - SHOWN;
  const body = [
    ...rules
      .slice(0, SHOWN)
      .flatMap(([rule, count]) => [
        ...counts([[`  ${rule}`, count]], style),
        ...(rule in told ? inWords(told[rule], style) : []),
      ]),
    ...(more > 0 ? paragraph(`and ${counted(more, 'more rule')}`, style, DEEPER) : []),
    ...explained(rules, style),
  ];
  return rules.length === 0 ? [] : section(`  ${heading}`, body, style);
}

function explained(rules: readonly (readonly [string, number])[], style: Style): Line[] {
  const [first] = rules;
  if (first === undefined) return [];
  return paragraph(`what it means: hypercarve explain ${first[0]}`, style, DEEPER, 'quiet');
}

/** Parents that run without what they should have. */
function reservations({ refusedReservations }: FleetResult, style: Style): Line[] {
  const body = refusedReservations.flatMap(({ layer, codes, rule, count, ...first }) => [
    ...counts([[`  ${rule}`, count, [...codes, `from the ${layer} layer`].join(', ')]], style),
    ...inWords(first, style),
  ]);
  return section('  Reservations refused at a boot', body, style);
}

type InWords = Omit<FirstRefusal, 'layer' | 'codes'>;

function inWords({ parent, atMs, message, remedy }: InWords, style: Style): Line[] {
  return [
    ...paragraph(`parent ${parent} at ${timeText(atMs)}: ${message}`, style, DEEPER + INDENT),
    ...labelled(span('remedy:', 'good'), remedy, style, DEEPER + INDENT),
  ];
}

/** How full it was; each figure of a peak is the highest by itself. */
function levels({ peak, atEnd }: FleetResult, style: Style): Line[] {
  const row = (label: string, ...cells: readonly string[]): Span[] => [
    span(label),
    ...cells.map((text) => span(text)),
  ];
  const right = 'right' as const;
  return table(
    [
      { title: '' },
      { title: 'running', align: right },
      { title: 'vCPUs', align: right },
      { title: 'memory', align: right },
    ],
    [
      row('most at once', String(peak.running), String(peak.vcpus), gib(peak.memoryMib)),
      row('most stranded', '', String(peak.strandedVcpus), gib(peak.strandedMib)),
      row('at the end', String(atEnd.running), String(atEnd.vcpus), gib(atEnd.memoryMib)),
    ],
    style,
    INDENT,
  );
}

function violations({ audited, result }: FleetReport, style: Style): Line[] {
  const { count, first } = result.violations;
  if (!audited && count === 0) {
    return counts([['violations', '-', 'not audited: --audit looks for them']], style);
  }
  return [
    ...counts([['violations', count, 'audited after every event']], style),
    ...first.flatMap((text) => paragraph(text, style, DEEPER, 'bad')),
  ];
}

/** "1440 GiB", "2.5 GiB": to a tenth; what is less than one in MiB. */
function gib(mib: number): string {
  if (mib > 0 && mib < MIB_PER_GIB) return `${mib} MiB`;
  const tenths = Math.round((mib * 10) / MIB_PER_GIB);
  return tenths % 10 === 0 ? `${tenths / 10} GiB` : `${(tenths / 10).toFixed(1)} GiB`;
}

function rateText(events: number, seconds: number): string {
  return seconds > 0 ? String(Math.round(events / seconds)) : '-';
}
