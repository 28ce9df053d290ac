/**
 * A fleet run on the terminal: what got in, what did not and why, and how fast it went.
 *
 * Invariant: numbers are those of the result, in its words; only the rate comes from a clock.
 */
import type { FirstRefusal, FleetResult } from './result.js';

export interface FleetReport {
  readonly title: string;
  readonly engine: string;
  readonly runId: string;
  readonly platform: string;
  readonly policy: string;
  readonly seed: number;
  readonly parents: number;
  readonly result: FleetResult;
}

const SHOWN = 12;

/** `seconds`: CPU time of the run. */
export function renderFleet({ result, ...run }: FleetReport, seconds: number): string {
  const { peak, atEnd, violations } = result;
  const events = result.accepted + result.ended;
  const lines = [
    run.title,
    `  ${run.parents} parents, ${run.platform}, ${run.policy}, seed ${run.seed}`,
    '',
    row('asked', result.asked),
    row('accepted', result.accepted, late(result)),
    row('refused', result.refused),
    ...(result.expired > 0 ? [row('expired in the queue', result.expired)] : []),
    ...(result.lost > 0 ? [row('lost with their parent', result.lost)] : []),
    ...(result.elsewhere > 0 ? [row('on nodes not proposed', result.elsewhere)] : []),
    ...groups(result),
    ...table('Refused by rule', result.refusedBy, result.firstRefusals),
    ...table('Proposals that were refused', result.refusedProposals),
    ...table('Events of parents that were refused', result.refusedEvents, result.firstRefusals),
    ...reservations(result),
    '',
    row('peak running', peak.running, `${peak.vcpus} vCPUs, ${peak.memoryMib} MiB`),
    row('most stranded', peak.strandedVcpus, `vCPUs; ${peak.strandedMib} MiB`),
    row('running at the end', atEnd.running, `${atEnd.vcpus} vCPUs, ${atEnd.memoryMib} MiB`),
    row('violations', violations.count),
    ...violations.first.map((text) => `    ${text}`),
    '',
    `  ${events} events in ${seconds.toFixed(2)} s of CPU: ${rate(events, seconds)} events/s`,
    `  result ${result.resultHash}`,
  ];
  return `${lines.join('\n')}\n`;
}

function late({ acceptedLate }: FleetResult): string {
  return acceptedLate === 0 ? '' : `${acceptedLate} of them late`;
}

/** Parents that run without what they should have. */
function reservations({ refusedReservations }: FleetResult): string[] {
  if (refusedReservations.length === 0) return [];
  const shown = refusedReservations.flatMap(({ layer, codes, rule, count, ...first }) => [
    row(`  ${rule}`, count, [...codes, `from the ${layer} layer`].join(', ')),
    ...inWords(first),
  ]);
  return ['', '  Reservations refused at a boot', ...shown];
}

function inWords({
  parent,
  atMs,
  message,
  remedy,
}: Omit<FirstRefusal, 'layer' | 'codes'>): string[] {
  return [
    `      parent ${parent} at ${Math.floor(atMs / 1000)} s: ${message}`,
    `      remedy: ${remedy}`,
  ];
}

function groups({ groups: counted }: FleetResult): string[] {
  if (counted === undefined) return [];
  const { kept, notKept } = counted;
  const why = 'by fault_domain: not kept, since no domains of parents are known';
  return [
    row('asked in groups', kept, 'by anti-affinity or affinity'),
    ...(notKept > 0 ? [row('asked in groups', notKept, why)] : []),
  ];
}

function row(label: string, count: number, more = ''): string {
  return `  ${label.padEnd(24)}${String(count).padStart(12)}  ${more}`.trimEnd();
}

/** `told`: what was said, where anybody said it. */
function table(
  heading: string,
  counts: Readonly<Record<string, number>>,
  told: FleetResult['firstRefusals'] = {},
): string[] {
  const rows = Object.entries(counts);
  if (rows.length === 0) return [];
  const shown = rows
    .slice(0, SHOWN)
    .flatMap(([rule, count]) => [
      row(`  ${rule}`, count),
      ...(rule in told ? inWords(told[rule]) : []),
    ]);
  const more = rows.length > SHOWN ? [`    and ${rows.length - SHOWN} more rules`] : [];
  return ['', `  ${heading}`, ...shown, ...more];
}

function rate(events: number, seconds: number): string {
  return seconds > 0 ? String(Math.round(events / seconds)) : '-';
}
