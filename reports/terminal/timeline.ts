/** What happened, in order: when, what, how it ended, and the code a person would have seen. */
import { formatCpulist } from '../../core/topology/cpulist.js';
import { formatKib, formatMib } from '../../core/units/size.js';
import type { PageAttemptPicture, RunRecord, TimelineEntry } from '../record.js';
import { codeText } from './code-text.js';
import { type Fold, foldTimeline } from './fold-timeline.js';
import { INDENT, type Line, type Span, section, span } from './line.js';
import { marksOf } from './marks.js';
import type { Style } from './style.js';
import { type Row, table } from './table.js';

/** Below this width kind and code join the text, so that no code is cut. */
const ROOM_FOR_COLUMNS = 64;

/** The section; `full` shows every entry of a long timeline. */
export function timelineTable(record: RunRecord, style: Style, full: boolean): Line[] {
  const items = foldTimeline(record.timeline, full);
  const folded = items.some((item) => 'folded' in item);
  const wide = style.width >= ROOM_FOR_COLUMNS;
  const rows = items.map((item) => {
    const [time, mark, kind, code, text] =
      'folded' in item ? foldRow(item, style) : entryRow(item.entry, style);
    return wide ? [time, mark, kind, code, text] : [time, mark, joined(kind, text, code)];
  });
  const columns = [
    { title: 'time', align: 'right' as const },
    { title: '' },
    ...(wide ? [{ title: '' }, { title: 'code' }] : []),
    { title: 'what', wrap: true },
  ];
  const count = `${record.timeline.length} ${record.timeline.length === 1 ? 'entry' : 'entries'}`;
  const heading = `Timeline: ${count}${folded ? ', folded (--full shows all)' : ''}`;
  return rows.length === 0 ? [] : section(heading, table(columns, rows, style, INDENT), style);
}

/** Simulated seconds as "0:07", "1:02:03", "2d 00:00:00"; a fraction is kept to milliseconds. */
export function clockText(seconds: number): string {
  const millis = Math.round(seconds * 1000);
  const whole = Math.floor(millis / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  const fraction = millis % 1000 === 0 ? '' : `.${String(millis % 1000).padStart(3, '0')}`;
  const rest = `${two(whole % 60)}${fraction}`;
  if (days > 0) return `${days}d ${two(hours)}:${two(minutes)}:${rest}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

function entryRow(entry: TimelineEntry, style: Style): Row {
  const { yes, no } = marksOf(style);
  const { refusal } = entry;
  const code = refusal === undefined ? '' : codeText(refusal.codes, style) || refusal.rule;
  return [
    span(clockText(entry.at), 'quiet'),
    entry.ok ? span(yes, 'good') : span(no, 'bad'),
    span(entry.kind),
    span(code, 'bad'),
    span([named(entry), ...afterwards(entry, style)].join('\n')),
  ];
}

/** The text under the name of the enclave it is about; steps of the parent have none. */
function named({ name, text }: TimelineEntry): string {
  return name === undefined ? text : `${name}: ${text}`;
}

/** Kind, text and code as one cell. */
function joined(kind: Span, text: Span, code: Span): Span {
  const what = kind.text === '' ? text.text : `${kind.text}: ${text.text}`;
  return span(code.text === '' ? what : `${code.text}\n${what}`, text.ink);
}

/** What the entry gave, or left behind. */
function afterwards(
  { enclave, stage, leftBehind = [], attempts = [] }: TimelineEntry,
  style: Style,
): string[] {
  const { between, to } = marksOf(style);
  const given =
    enclave === undefined
      ? []
      : [
          `${to} ${[
            `node ${enclave.node}`,
            `CPUs ${formatCpulist(enclave.cpus)}`,
            formatMib(enclave.memoryMib),
            // Plain VMs have none.
            ...(enclave.cid === 0 ? [] : [`CID ${enclave.cid}`]),
          ].join(between)}`,
        ];
  const ended = stage === undefined ? [] : [`ended at ${stage}`];
  const tried = attempts.filter(({ ok }) => !ok).map((one) => pagesTried(one, style));
  return [...given, ...tried, ...ended, ...leftBehind.map((what) => `left behind: ${what}`)];
}

/** "node 1 gave 123 × 1 GiB + 170 × 2 MiB". Not every end rolls back; `leftBehind` has what stays. */
function pagesTried({ node, pages }: PageAttemptPicture, style: Style): string {
  const { times } = marksOf(style);
  const sizes = Object.keys(pages)
    .map(Number)
    .filter((kib) => pages[kib] > 0)
    .sort((a, b) => b - a);
  const had = sizes.map((kib) => `${pages[kib]} ${times} ${formatKib(kib)}`).join(' + ');
  return `node ${node} gave ${had === '' ? 'no page' : had}`;
}

function foldRow({ folded, ok, kinds }: Fold, style: Style): Row {
  const { more } = marksOf(style);
  const counts = kinds.map(([kind, count]) => `${count} ${kind}`).join(', ');
  const outcome = ok === folded ? 'all ok' : `${ok} ok, ${folded - ok} not`;
  const text = `${folded} more: ${counts} (${outcome})`;
  return [span(more), span(''), span(''), span(''), span(text)].map((s) => span(s.text, 'quiet'));
}
