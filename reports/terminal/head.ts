/** The top of a report: the verdict first, then which scenario ran on which parent VM. */
import { formatKib, formatMib } from '../../core/units/size.js';
import type { HostPicture, RunRecord, ScenarioHead } from '../record.js';
import { codeText } from './code-text.js';
import { BLANK, INDENT, type Line, labelled, paragraph, span } from './line.js';
import { marksOf } from './marks.js';
import type { Style } from './style.js';

/** Digits of a hash that are shown; the record has all. */
const HASH_DIGITS = 16;

/** OK or FAILED, the counts, and of the refusals the most frequent with its remedy. */
export function verdictLines(record: RunRecord, style: Style): Line[] {
  const { verdict } = record;
  const mark = verdict.ok ? span('OK', 'good') : span('FAILED', 'bad');
  return [
    ...labelled(mark, verdict.text, style, 0),
    ...paragraph(countsText(record, style), style, INDENT, 'quiet'),
    ...tellingRefusal(record, style),
    BLANK,
  ];
}

function countsText({ verdict, commands, audited }: RunRecord, style: Style): string {
  const audit = audited === 'end' ? 'audited at the end' : 'audited after every command';
  return [
    `${verdict.launches} ${verdict.launches === 1 ? 'launch' : 'launches'}`,
    `${verdict.launched} launched`,
    `${verdict.refused} refused`,
    `${verdict.running} running`,
    `${commands} ${commands === 1 ? 'command' : 'commands'} ${audit}`,
  ].join(marksOf(style).between);
}

function tellingRefusal({ refusals }: RunRecord, style: Style): Line[] {
  const [first] = refusals;
  if (first === undefined) return [];
  const code = codeText(first.example.codes, style) || first.rule;
  return [
    ...labelled(span('refused', 'bad'), `${code}: ${first.example.message}`, style, INDENT),
    ...labelled(span('remedy ', 'good'), first.example.remedy, style, INDENT),
  ];
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
    `${host.parentType} (${host.architecture})`,
    `${host.vcpus} vCPUs, ${host.threadsPerCore} per core`,
    formatMib(host.memoryMib),
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
