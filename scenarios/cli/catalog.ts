/**
 * `catalog`: the instance types a parent can be, and where each fact about them comes from.
 *
 * Invariant: what nobody published is shown as unknown, never guessed. Trade-off: a mark per fact in
 * place of a source per fact; the sources stand once below the table.
 */
import {
  CATALOGUE_SOURCES,
  type InstanceType,
  listInstanceTypes,
  nearestInstanceTypes,
} from '../../core/topology/catalogue.js';
import { formatMib } from '../../core/units/size.js';
import { BLANK, type Line, paint, paragraph, span } from '../../reports/terminal/line.js';
import type { Style } from '../../reports/terminal/style.js';
import { type Column, type Row, table } from '../../reports/terminal/table.js';
import { type ExitCode, OK } from './exit-code.js';
import type { Streams } from './streams.js';

const COLUMNS: readonly Column[] = [
  { title: 'type' },
  { title: 'arch' },
  { title: 'vCPU', align: 'right' },
  { title: 'cores', align: 'right' },
  { title: 'threads', align: 'right' },
  { title: 'NUMA', align: 'right' },
  { title: 'memory', align: 'right' },
  { title: 'enclaves' },
  { title: 'known' },
];

const LEGEND =
  'known: N = number of NUMA nodes, C = CPUs of each node, M = usable memory of each node, ' +
  'S = threads of each core. Capital = measured on a live instance, small = inferred from a rule, ' +
  '. = documented, - = nobody published it. Other columns are documented.';

export function catalog(
  filter: string | undefined,
  options: { readonly json?: boolean },
  streams: Streams,
): ExitCode {
  const types = listInstanceTypes({ nameContains: filter?.toLowerCase() ?? '' });
  if (options.json === true) {
    const rows = types.map((type) => ({ ...type, numaNodes: type.numaNodes ?? 'unknown' }));
    const document = { count: types.length, sources: CATALOGUE_SOURCES, types: rows };
    streams.out(`${JSON.stringify(document, undefined, 2)}\n`);
  } else {
    streams.out(catalogText(types, filter, streams.style));
  }
  return OK;
}

/** The table as text; a hint when the filter leaves nothing. */
export function catalogText(
  types: readonly InstanceType[],
  filter: string | undefined,
  style: Style,
): string {
  if (types.length === 0) {
    const near = nearestInstanceTypes((filter ?? '').slice(0, 64), 3).map(({ name }) => name);
    const text = `0 instance types match ${JSON.stringify(filter)}; near: ${near.join(', ')}`;
    return paint(paragraph(text, style, 0), style);
  }
  const { documented, numaCpus, usableMibPerNode } = CATALOGUE_SOURCES;
  const origin = `Sources: ${documented}; ${numaCpus}; ${usableMibPerNode}.`;
  const lines: Line[] = [
    ...table(COLUMNS, types.map(rowOf), style, 0),
    BLANK,
    ...paragraph(LEGEND, style, 0, 'quiet'),
    ...paragraph(origin, style, 0, 'quiet'),
    ...paragraph(countLine(types), style, 0),
  ];
  return paint(lines, style);
}

function rowOf(type: InstanceType): Row {
  const { name, architecture, vcpus, cores, threadsPerCore, numaNodes, memoryMib } = type;
  const supported = type.enclaves === 'supported';
  return [
    span(name, 'strong'),
    span(architecture),
    span(String(vcpus)),
    span(String(cores)),
    span(String(threadsPerCore)),
    numaNodes === undefined ? span('unknown', 'warn') : span(String(numaNodes)),
    span(formatMib(memoryMib)),
    supported ? span('yes', 'good') : span('no', 'quiet'),
    span(knownMarks(type), 'quiet'),
  ];
}

/** Four marks in the legend's order, such as "NCMs". */
export function knownMarks({
  measured,
  inferred,
  threadsPerCore,
  numaNodes,
}: InstanceType): string {
  const mark = (letter: string, is: boolean, derivable: boolean): string =>
    is ? letter : derivable ? letter.toLowerCase() : '-';
  const nodesKnown = numaNodes !== undefined;
  return [
    mark('N', measured.includes('numaNodes'), false),
    mark('C', measured.includes('numaCpus'), nodesKnown),
    mark('M', measured.includes('usableMibPerNode'), nodesKnown),
    threadsPerCore === 1
      ? '.'
      : mark('S', measured.includes('siblings'), inferred.includes('siblings')),
  ].join('');
}

function countLine(types: readonly InstanceType[]): string {
  const able = types.filter(({ enclaves }) => enclaves === 'supported').length;
  const unknown = types.filter(({ numaNodes }) => numaNodes === undefined).length;
  return `${types.length} instance types, ${able} with enclaves, ${unknown} with unknown NUMA nodes`;
}
