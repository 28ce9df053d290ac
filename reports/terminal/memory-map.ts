/**
 * The memory of each NUMA node, drawn: rows of cells in address order under a ruler.
 *
 * Invariant: a cell is a power of two of frames and a row a power of two of cells, so that row
 * starts are round addresses. Trade-off: many nodes get fewer rows each, so that the picture
 * stays on one screen.
 */
import { formatKib } from '../../core/units/size.js';
import type { NodePicture } from '../record.js';
import { INDENT, type Line, paragraph, type Span, span } from './line.js';
import { type Cell, cellSize, cellsOf } from './memory-cells.js';
import { type Glyphs, glyphOf } from './owner-glyph.js';
import type { Style } from './style.js';
import { padText } from './width.js';

/** Cells between two ticks of the ruler. */
const TICK = 16;
const LABEL = 10;

/** One node's cells as they are drawn. */
export interface DrawnNode {
  readonly node: NodePicture;
  readonly cellFrames: number;
  readonly cells: readonly Cell[];
}

/** Cuts all nodes into cells. Odd numbers of rows: 128 GiB take four, 129 GiB of a holed node five. */
export function drawnNodes(nodes: readonly NodePicture[], style: Style): DrawnNode[] {
  const rows = nodes.length <= 2 ? 5 : nodes.length <= 4 ? 3 : 1;
  return nodes.map((node) => {
    const cellFrames = cellSize(node.frames, cellsPerRow(style) * rows);
    return { node, cellFrames, cells: cellsOf(node, cellFrames) };
  });
}

/** All nodes' maps; each says its size and how much one cell is. */
export function memoryMaps(nodes: readonly DrawnNode[], glyphs: Glyphs, style: Style): Line[] {
  return nodes.flatMap((node) => memoryMap(node, glyphs, style));
}

/** Cells in one row: a power of two that fits beside the label. */
function cellsPerRow(style: Style): number {
  const room = style.width - INDENT - LABEL - 1;
  return 2 ** Math.floor(Math.log2(room));
}

function memoryMap({ node, cellFrames, cells }: DrawnNode, glyphs: Glyphs, style: Style): Line[] {
  const perRow = cellsPerRow(style);
  const kib = (frames: number): string => formatKib(frames * node.frameKib);
  if (node.frames === 0) return paragraph(`node ${node.node}: no memory`, style, INDENT);
  const title = `node ${node.node}: ${installed(node)}, one cell is ${kib(cellFrames)}`;
  const inRow = Math.min(cells.length, perRow);
  const starts = Array.from({ length: Math.ceil(cells.length / perRow) }, (_, r) => r * perRow);
  return [
    ...paragraph(title, style, INDENT),
    ...(inRow > TICK ? [ruler(inRow, (n) => kib(n * cellFrames))] : []),
    ...starts.map((from) => [
      span(' '.repeat(INDENT)),
      span(`${padText(kib(from * cellFrames), LABEL, 'right')} `, 'quiet'),
      ...cellSpans(cells.slice(from, from + perRow), glyphs),
    ]),
  ];
}

/** "16 GiB", "16 GiB around a hole of 1 GiB": holes are drawn, and hold no memory. */
function installed({ frames, frameKib, runs }: NodePicture): string {
  const held = runs.filter(({ owner }) => owner !== 'hole');
  const present = held.reduce((sum, run) => sum + run.frames, 0);
  const size = formatKib(present * frameKib);
  if (present === frames) return size;
  const holes = runs.length - held.length > 1 ? 'holes' : 'a hole';
  return `${size} around ${holes} of ${formatKib((frames - present) * frameKib)}`;
}

/** Offsets within a row, above every sixteenth cell where they fit. */
function ruler(cells: number, sizeOf: (cells: number) => string): Line {
  let text = '';
  for (let at = TICK; at < cells; at += TICK) {
    const mark = `+${sizeOf(at)}`;
    if (text.length <= at && at + mark.length <= cells) text = padText(text, at) + mark;
  }
  return [span(' '.repeat(INDENT + LABEL + 1)), span(text, 'quiet')];
}

function cellSpans(cells: readonly Cell[], glyphs: Glyphs): Span[] {
  return cells.map(({ shown }) => {
    const { char, ink } = glyphOf(glyphs, shown);
    return span(char, ink);
  });
}
