/**
 * What the characters of the pictures mean, with the true sizes behind them.
 *
 * Invariant: every character drawn is explained, and the sizes add up to the host. Trade-off: one
 * legend for CPUs and memory, since an owner has the same character in both.
 */
import { formatCpulist } from '../../core/topology/cpulist.js';
import { formatKib } from '../../core/units/size.js';
import type { NodePicture, Snapshot } from '../record.js';
import { INDENT, type Line, span } from './line.js';
import { marksOf } from './marks.js';
import { framesByOwner } from './memory-cells.js';
import type { DrawnNode } from './memory-map.js';
import { type Glyphs, MIXED, MORE } from './owner-glyph.js';
import type { Style } from './style.js';
import { type Row, table } from './table.js';

interface Holding {
  vcpus: number;
  memoryKib: number;
  readonly nodes: Set<number>;
  /** Memory by page size, both in KiB. */
  readonly paged: Map<number, number>;
}

/** One row per owner of this snapshot, in the order of the glyphs. */
export function legend(
  snapshot: Snapshot,
  drawn: readonly DrawnNode[],
  glyphs: Glyphs,
  style: Style,
): Line[] {
  const holdings = holdingsOf(snapshot);
  const rows = [...glyphs].flatMap(([owner, glyph]): Row[] => {
    const held = holdings.get(owner);
    if (held === undefined) return [];
    // Owners that share a sign are told apart by name alone.
    const label = glyph === MORE ? owner : glyph.label;
    return [
      [
        span(glyph.char, glyph.ink),
        span(label, glyph.ink === 'bad' ? 'bad' : 'plain'),
        span(held.vcpus === 0 ? '' : String(held.vcpus)),
        span(held.memoryKib === 0 ? '' : formatKib(held.memoryKib)),
        span(whereText(held, style), 'quiet'),
      ],
    ];
  });
  const mixed = drawn.some(({ cells }) => cells.some(({ shown }) => shown === undefined));
  const mixedRow = [span(MIXED.char), span('several'), span(''), span(''), span('')];
  return table(
    [
      { title: '' },
      { title: 'owner' },
      { title: 'vCPUs', align: 'right' },
      { title: 'memory', align: 'right' },
      { title: 'where', wrap: true },
    ],
    mixed ? [...rows, mixedRow] : rows,
    style,
    INDENT,
  );
}

function holdingsOf({ cpus, memory }: Snapshot): Map<string, Holding> {
  const holdings = new Map<string, Holding>();
  const of = (owner: string, node: number): Holding => {
    const held = holdings.get(owner) ?? fresh();
    held.nodes.add(node);
    holdings.set(owner, held);
    return held;
  };
  for (const { owner, node } of cpus) of(owner, node).vcpus += 1;
  for (const node of memory) {
    for (const [owner, frames] of framesByOwner(node)) {
      of(owner, node.node).memoryKib += frames * node.frameKib;
    }
    addPages(node, (owner) => of(owner, node.node).paged);
  }
  return holdings;
}

function fresh(): Holding {
  return { vcpus: 0, memoryKib: 0, nodes: new Set(), paged: new Map() };
}

function addPages(node: NodePicture, pagedOf: (owner: string) => Map<number, number>): void {
  for (const { owner, frames, pageKib } of node.runs) {
    if (pageKib === 0 || frames === 0) continue;
    const paged = pagedOf(owner);
    paged.set(pageKib, (paged.get(pageKib) ?? 0) + frames * node.frameKib);
  }
}

/** "node 0, 4 × 1 GiB + 10 × 2 MiB". */
function whereText({ nodes, paged }: Holding, style: Style): string {
  const { times } = marksOf(style);
  const pages = [...paged]
    .sort(([a], [b]) => b - a)
    .map(([pageKib, kib]) => `${Math.floor(kib / pageKib)} ${times} ${formatKib(pageKib)}`)
    .join(' + ');
  const where = `${nodes.size === 1 ? 'node' : 'nodes'} ${formatCpulist([...nodes])}`;
  return pages === '' ? where : `${where}, ${pages}`;
}
