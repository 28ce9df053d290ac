/**
 * CPU lists: the text form "1-3,9" of a set of CPU ids.
 *
 * Three doors with one subject: the canonical printer, the Linux kernel's own lenient list grammar
 * (what a write to the `ne_cpus` parameter meets), and a strict reader for files people write.
 * Invariant: every list that is printed reads back as the same set through both readers.
 *
 * Source of the grammar: Linux 6.1 lib/bitmap.c `bitmap_parselist` and its callees. The structure
 * of `parseRegion` follows the kernel's order of checks, because the first bad region decides and
 * its error number is visible. Trade-off: text is read as one character per byte (Latin-1).
 */

import { MOST_CPU_IDS } from './topology.js';

/** Error numbers the kernel's list parser answers with. */
export type CpulistErrno = 'EINVAL' | 'ERANGE' | 'EOVERFLOW';

/** The set as ascending ids without repeats, or the kernel's refusal. */
export type KernelCpulist = { readonly cpus: number[] } | { readonly errno: CpulistErrno };

/** The set as ascending ids without repeats, or what is wrong with the text, for a person. */
export type StrictCpulist = { readonly cpus: number[] } | { readonly problem: string };

/** `start-end:used/group`: of every `group` ids from start on, the first `used` are meant. */
interface Region {
  readonly start: number;
  readonly end: number;
  readonly used: number;
  readonly group: number;
  /** Where reading goes on; -1 when this region ended the list. */
  readonly next: number;
}

const MAX_U32 = 0xffff_ffff;

/** Canonical text of a set of CPU ids: ascending, runs joined, no blanks; '' for none. */
export function formatCpulist(cpus: readonly number[]): string {
  const ids = isAscending(cpus) ? cpus : [...new Set(cpus)].sort((a, b) => a - b);
  const runs: string[] = [];
  for (let i = 0; i < ids.length; ) {
    const from = ids[i];
    let to = from;
    while (++i < ids.length && ids[i] === to + 1) to = ids[i];
    runs.push(from === to ? `${from}` : `${from}-${to}`);
  }
  return runs.join(',');
}

/** Each id above the one before it, as most lists are: then nothing need be sorted. */
function isAscending(cpus: readonly number[]): boolean {
  for (let i = 1; i < cpus.length; i++) if (cpus[i] <= cpus[i - 1]) return false;
  return true;
}

/**
 * Reads a list exactly as Linux does for a mask of `nrCpuIds` bits (at least 1). Regions go left
 * to right and the first bad one decides. An empty list is legal and gives no CPUs.
 */
export function parseKernelCpulist(text: string, nrCpuIds: number): KernelCpulist {
  return readPlainRange(text, nrCpuIds) ?? readList(text, nrCpuIds);
}

/** Longest plain range: two ids of four digits. */
const PLAIN_LENGTH = 9;

/** One id, or one range that runs upwards, within the mask: what most lists are. Else undefined. */
function readPlainRange(text: string, nrCpuIds: number): KernelCpulist | undefined {
  if (text.length === 0 || text.length > PLAIN_LENGTH) return undefined;
  let first = -1;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const digit = code - ZERO;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (code === DASH && first < 0 && at > 0 && at < text.length - 1) {
      first = value;
      value = 0;
    } else return undefined;
  }
  if (first < 0) first = value;
  if (value >= nrCpuIds || first > value) return undefined;
  const cpus: number[] = [];
  for (let cpu = first; cpu <= value; cpu++) cpus.push(cpu);
  return { cpus };
}

function readList(text: string, nrCpuIds: number): KernelCpulist {
  const mask = new Uint8Array(nrCpuIds);
  let lowest = nrCpuIds;
  let highest = -1;
  let at = skipSeparators(text, 0);
  while (at >= 0 && !endsText(text, at)) {
    const region = parseRegion(text, at, nrCpuIds - 1);
    if (typeof region === 'string') return { errno: region };
    if (region.start > region.end || region.group === 0 || region.used > region.group) {
      return { errno: 'EINVAL' };
    }
    if (region.end >= nrCpuIds) return { errno: 'ERANGE' };
    setRegion(mask, region);
    // Groups of a pattern may wrap to ids below its start; a plain region is one group.
    lowest = Math.min(lowest, region.group === region.end + 1 ? region.start : 0);
    highest = Math.max(highest, region.end);
    at = region.next < 0 ? -1 : skipSeparators(text, region.next);
  }
  const cpus: number[] = [];
  for (let cpu = lowest; cpu <= highest; cpu++) if (mask[cpu] === 1) cpus.push(cpu);
  return { cpus };
}

/**
 * Reads a list a person wrote in one of our own files: ids and ranges joined by commas, blanks
 * around a comma allowed, nothing else, no id named twice. '' is the empty set.
 */
export function parseStrictCpulist(text: string): StrictCpulist {
  const plain = text.replace(/ *, */g, ',').trim();
  if (plain === '') return { cpus: [] };
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(plain)) {
    return { problem: `"${text}" is not a CPU list such as "1-3,9"` };
  }
  const list = parseKernelCpulist(plain, MOST_CPU_IDS);
  if ('errno' in list) {
    const why = list.errno === 'EINVAL' ? 'a range runs backwards' : `ids go up to 8191`;
    return { problem: `"${text}" is not a CPU list: ${why}` };
  }
  return countNamed(plain) === list.cpus.length
    ? list
    : { problem: `"${text}" names a CPU more than once` };
}

/** How many ids a well-formed strict list names, repeats counted. */
function countNamed(plain: string): number {
  let named = 0;
  for (const run of plain.split(',')) {
    const [from, to = from] = run.split('-').map(Number);
    named += to - from + 1;
  }
  return named;
}

const COMMA = 0x2c;
const DASH = 0x2d;
const ZERO = 0x30;
/** `N`. */
const LAST_ID = 0x4e;
/** Tab, newline, vertical tab, form feed and return lie side by side. */
const TAB = 0x09;
const RETURN = 0x0d;

/** White space of the kernel's ctype table (0xa0 included), and the comma. */
function isSeparator(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === COMMA || code === 0x20 || code === 0xa0 || (code >= TAB && code <= RETURN);
}

/** End of the bytes (a NUL ends them too). A newline ends the list only after a plain region. */
function endsText(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === 0;
}

function endsRegion(text: string, at: number): boolean {
  return isSeparator(text, at) || endsText(text, at);
}

function skipSeparators(text: string, from: number): number {
  let at = from;
  while (isSeparator(text, at)) at++;
  return at;
}

/** A number at `at`: digits, or `N` for the last id. */
function readNumber(
  text: string,
  at: number,
  lastId: number,
): { value: number; next: number } | CpulistErrno {
  if (text.charCodeAt(at) === LAST_ID) return { value: lastId, next: at + 1 };
  let next = at;
  let value = 0;
  for (; ; next++) {
    const digit = text.charCodeAt(next) - ZERO;
    // NaN, behind the end, is no digit either.
    if (!(digit >= 0 && digit <= 9)) break;
    value = Math.min(value * 10 + digit, MAX_U32 + 1);
  }
  if (next === at) return 'EINVAL';
  return value > MAX_U32 ? 'EOVERFLOW' : { value, next };
}

function parseRegion(text: string, at: number, lastId: number): Region | CpulistErrno {
  // 'a' or 'A': most regions begin with a digit.
  if ((text.charCodeAt(at) | 0x20) === 0x61 && text.slice(at, at + 3).toLowerCase() === 'all') {
    return parsePattern(text, at + 3, 0, lastId, lastId);
  }
  const start = readNumber(text, at, lastId);
  if (typeof start === 'string') return start;
  if (endsRegion(text, start.next)) return plainRegion(text, start.next, start.value, start.value);
  if (text[start.next] !== '-') return 'EINVAL';
  const end = readNumber(text, start.next + 1, lastId);
  if (typeof end === 'string') return end;
  return parsePattern(text, end.next, start.value, end.value, lastId);
}

/** What may follow a range: nothing, or `:used/group`. */
function parsePattern(
  text: string,
  at: number,
  start: number,
  end: number,
  lastId: number,
): Region | CpulistErrno {
  if (endsRegion(text, at)) return plainRegion(text, at, start, end);
  if (text[at] !== ':') return 'EINVAL';
  const used = readNumber(text, at + 1, lastId);
  if (typeof used === 'string') return used;
  if (text[used.next] !== '/') return 'EINVAL';
  const group = readNumber(text, used.next + 1, lastId);
  if (typeof group === 'string') return group;
  return { start, end, used: used.value, group: group.value, next: group.next };
}

/** A region without a pattern: one group of end + 1 ids, counted in 32 bits (so it may be 0). */
function plainRegion(text: string, at: number, start: number, end: number): Region {
  const group = (end + 1) >>> 0;
  const last = endsText(text, at) || text[at] === '\n';
  return { start, end, used: group, group, next: last ? -1 : at };
}

/** Sets the ids a checked region selects; the step is 32 bits wide and may wrap downwards. */
function setRegion(mask: Uint8Array, region: Region): void {
  const { end, used, group } = region;
  for (let start = region.start; start <= end; start = (start + group) >>> 0) {
    mask.fill(1, start, start + Math.min(end - start + 1, used));
  }
}
