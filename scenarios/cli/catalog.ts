/**
 * `catalog`: the instance types a parent can be, and where each fact about them comes from.
 *
 * Invariant: what nobody published is shown as unknown, never guessed; a filter that no type meets is bad
 * input, told with what is near. Trade-off: a mark per fact in place of a source per fact; the sources
 * stand once below the table.
 */
import {
  CATALOGUE_SOURCES,
  type InstanceType,
  listInstanceTypes,
  nearestInstanceTypes,
} from '../../core/topology/catalogue.js';
import { topologyOf } from '../../core/topology/instance-topology.js';
import { nearestWords } from '../../core/units/nearest-word.js';
import { formatMib } from '../../core/units/size.js';
import {
  BLANK,
  type Line,
  paint,
  paragraph,
  type Span,
  span,
} from '../../reports/terminal/line.js';
import type { Style } from '../../reports/terminal/style.js';
import { type Column, table } from '../../reports/terminal/table.js';
import { formatProblem, type Problem, quoteValue } from '../schema/problem.js';
import { BAD_INPUT, type ExitCode, OK } from './exit-code.js';
import { bySize } from './instance-order.js';
import type { Streams } from './streams.js';

interface CatalogColumn extends Column {
  readonly cell: (type: InstanceType) => Span;
  /** Columns of the highest rank go first when the width is short. */
  readonly rank: number;
}

const right = 'right' as const;

const COLUMNS: readonly CatalogColumn[] = [
  { title: 'type', rank: 0, cell: ({ name }) => span(name, 'strong') },
  { title: 'arch', rank: 5, cell: ({ architecture }) => span(architecture) },
  { title: 'vCPU', rank: 0, align: right, cell: ({ vcpus }) => span(String(vcpus)) },
  { title: 'cores', rank: 4, align: right, cell: ({ cores }) => span(String(cores)) },
  { title: 'threads', rank: 7, align: right, cell: (type) => span(String(type.threadsPerCore)) },
  { title: 'NUMA', rank: 0, align: right, cell: numaCell },
  { title: 'memory', rank: 1, align: right, cell: ({ memoryMib }) => span(formatMib(memoryMib)) },
  { title: 'usable', rank: 6, align: right, cell: usableCell },
  { title: 'enclave', rank: 2, cell: enclavesCell },
  { title: 'known', rank: 3, cell: (type) => span(knownMarks(type), 'quiet') },
];
const HIGHEST_RANK = 7;
const GAP = 2;

const LEGEND =
  'memory: what the type has; usable: what is left of it once its Linux has booted, all nodes together, ' +
  'which is what the parent of a scenario begins with. ' +
  'known: N = number of NUMA nodes, C = CPUs of each node, M = usable memory of each node, ' +
  'S = threads of each core. Capital = measured on a live instance, small = inferred from a rule, ' +
  '. = documented, - = nobody published it. Other columns are documented.';

export function catalog(
  filter: string | undefined,
  options: { readonly json?: boolean },
  streams: Streams,
): ExitCode {
  const types = listInstanceTypes({ nameContains: filter?.toLowerCase() ?? '' }).sort(bySize);
  if (types.length === 0) {
    streams.err(`${formatProblem(noneIsCalled(filter ?? ''))}\n`);
    return BAD_INPUT;
  }
  if (options.json === true) {
    const rows = types.map((type) => ({ ...type, numaNodes: type.numaNodes ?? 'unknown' }));
    const document = { count: types.length, sources: CATALOGUE_SOURCES, types: rows };
    streams.out(`${JSON.stringify(document, undefined, 2)}\n`);
  } else {
    streams.out(catalogText(types, streams.style));
  }
  return OK;
}

function noneIsCalled(filter: string): Problem {
  const near = nearNames(filter.slice(0, 64)).map((name) => `\`${name}\``);
  const suggestion =
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'without a filter it lists all';
  const message = `no instance type has ${quoteValue(filter)} in its name`;
  return { file: 'catalog', path: '', message, suggestion };
}

/** The table as text. */
function catalogText(types: readonly InstanceType[], style: Style): string {
  const { documented, numaCpus, usableMibPerNode } = CATALOGUE_SOURCES;
  const origin = `Sources: ${documented}; ${numaCpus}; ${usableMibPerNode}.`;
  const columns = fittingColumns(types, style.width);
  const rows = types.map((type) => columns.map(({ cell }) => cell(type)));
  const left = COLUMNS.filter((column) => !columns.includes(column)).map(({ title }) => title);
  const lines: Line[] = [
    ...table(columns, rows, style, 0),
    BLANK,
    ...(left.length === 0 ? [] : paragraph(leftOutLine(left), style, 0)),
    ...paragraph(LEGEND, style, 0, 'quiet'),
    ...paragraph(origin, style, 0, 'quiet'),
    ...paragraph(countLine(types), style, 0),
  ];
  return paint(lines, style);
}

const MOST_NEAR = 3;

/** Types that may be meant, else families, such as "m5." for "m55", and sizes, such as "metal". */
function nearNames(filter: string): string[] {
  const types = nearestInstanceTypes(filter, MOST_NEAR).map(({ name }) => name);
  if (types.length > 0) return types;
  const names = listInstanceTypes().map(({ name }) => name.split('.'));
  const families = new Set(names.map(([family]) => family));
  const sizes = new Set(names.flatMap(([, ...size]) => size));
  const family = filter.split('.')[0].toLowerCase();
  const near = nearestWords(family, families, MOST_NEAR).map((name) => `${name}.`);
  return near.length > 0 ? near : nearestWords(filter.toLowerCase(), sizes, MOST_NEAR);
}

/** As many columns as fit without cutting any. */
function fittingColumns(types: readonly InstanceType[], width: number): readonly CatalogColumn[] {
  const widthOf = ({ title, cell }: CatalogColumn): number =>
    types.reduce((most, type) => Math.max(most, cell(type).text.length), title.length);
  const columns = COLUMNS.map((column) => ({ column, taken: widthOf(column) + GAP }));
  for (let rank = HIGHEST_RANK; rank > 0; rank--) {
    const kept = columns.filter(({ column }) => column.rank <= rank);
    if (kept.reduce((sum, { taken }) => sum + taken, -GAP) <= width) {
      return kept.map(({ column }) => column);
    }
  }
  return COLUMNS.filter(({ rank }) => rank === 0);
}

function leftOutLine(titles: readonly string[]): string {
  return `Left out, since the width is short: ${titles.join(', ')}. --json has all.`;
}

function numaCell({ numaNodes }: InstanceType): Span {
  return numaNodes === undefined ? span('unknown', 'warn') : span(String(numaNodes));
}

function usableCell(type: InstanceType): Span {
  const shape = topologyOf(type);
  if (!shape.known) return span('unknown', 'warn');
  return span(formatMib(shape.usableMibPerNode.mib.reduce((sum, mib) => sum + mib, 0)));
}

function enclavesCell({ enclaves }: InstanceType): Span {
  return enclaves === 'supported' ? span('yes', 'good') : span('no', 'quiet');
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
  const counted = types.length === 1 ? '1 instance type' : `${types.length} instance types`;
  return `${counted}, ${able} with enclaves, ${unknown} with unknown NUMA nodes`;
}
