/**
 * The CPUs of each NUMA node, drawn: a column per core, a row per thread of the core.
 *
 * Invariant: siblings stand one above the other, so a core torn between owners shows at once.
 * Every CPU is drawn once; a core with fewer threads than others leaves a gap below.
 */

import { counted } from '../../core/units/counted.js';
import type { CpuPicture } from '../record.js';
import { INDENT, type Line, paragraph, type Span, span } from './line.js';
import { type Glyphs, glyphOf } from './owner-glyph.js';
import type { Style } from './style.js';
import { padText } from './width.js';

/** Cores between two gaps. */
const GROUP = 8;
const LABEL = 10;

/** All nodes' maps in order of node id. */
export function cpuMaps(cpus: readonly CpuPicture[], glyphs: Glyphs, style: Style): Line[] {
  const nodes = [...new Set(cpus.map(({ node }) => node))].sort((a, b) => a - b);
  return nodes.flatMap((node) => {
    const cores = coresOf(cpus.filter((cpu) => cpu.node === node));
    const title = `node ${node}: ${counted(cores.length, 'core')}, ${counted(cores.flat().length, 'vCPU')}`;
    return [...paragraph(title, style, INDENT), ...grid(cores, glyphs, style)];
  });
}

/** Threads by core, both ascending. */
function coresOf(cpus: readonly CpuPicture[]): CpuPicture[][] {
  const cores = new Map<number, CpuPicture[]>();
  for (const cpu of [...cpus].sort((a, b) => a.cpu - b.cpu)) {
    const threads = cores.get(cpu.core) ?? [];
    threads.push(cpu);
    cores.set(cpu.core, threads);
  }
  return [...cores.values()];
}

function grid(cores: readonly (readonly CpuPicture[])[], glyphs: Glyphs, style: Style): Line[] {
  const label = labelColumns(cores);
  const room = style.width - INDENT - label - 1;
  const groups = Math.max(1, Math.floor((room + 1) / (GROUP + 1)));
  const lines: Line[] = [];
  for (let from = 0; from < cores.length; from += groups * GROUP) {
    const part = cores.slice(from, from + groups * GROUP);
    const threads = Math.max(...part.map((core) => core.length));
    for (let t = 0; t < threads; t += 1) lines.push(threadRow(part, t, label, glyphs));
  }
  return lines;
}

/** Columns for the labels of a node: more where numbers step and are long. */
function labelColumns(cores: readonly (readonly CpuPicture[])[]): number {
  const steps = cores.some(([{ cpu }], i) => i > 0 && cpu !== cores[i - 1][0].cpu + 1);
  const highest = Math.max(...cores.flat().map(({ cpu }) => cpu));
  return steps ? Math.max(LABEL, 3 * String(highest).length + ',..'.length) : LABEL;
}

/** "0..3"; "0,2..6" where the numbers step, so that none between is meant; "5" alone. */
function idsText(ids: readonly number[]): string {
  const [first, second] = ids;
  if (ids.length === 1) return `${first}`;
  if (second === first + 1) return `${first}..${ids.at(-1)}`;
  return ids.length === 2 ? `${first},${second}` : `${first},${second}..${ids.at(-1)}`;
}

/** "0..23 ░░░░░░░░ AAAAAAAA": the t-th thread of each core, with the first and last CPU's number. */
function threadRow(
  cores: readonly (readonly CpuPicture[])[],
  t: number,
  label: number,
  glyphs: Glyphs,
): Span[] {
  const ids = cores.flatMap((core) => (core[t] === undefined ? [] : [core[t].cpu]));
  const spans = [
    span(' '.repeat(INDENT)),
    span(`${padText(idsText(ids), label, 'right')} `, 'quiet'),
  ];
  cores.forEach((core, i) => {
    const gap = i > 0 && i % GROUP === 0 ? ' ' : '';
    const { char, ink } =
      core[t] === undefined ? { char: ' ', ink: 'plain' as const } : glyphOf(glyphs, core[t].owner);
    spans.push(span(gap + char, ink));
  });
  return spans;
}
