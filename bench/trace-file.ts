/**
 * Traces: a stream of allocations, frees and probes as words, in memory and as a file.
 *
 * File, little-endian Int32: a header of 8 words [0x414c4c31, frames, operations, slots, 0, 0, 0, 0],
 * then two words per operation: slot (bits 0–23) | 1G-aligned << 28 | probe << 29 | free << 30, and the
 * size in frames (0 for a free; more than the node has is a request that is refused, no bad trace). A
 * frame is 2 MiB, a granule (1 GiB) 512 of them.
 *
 * Invariant: `decodeTrace` answers a trace that any replay can take without a check of its own, or the
 * one sentence that says what is wrong. Trade-off: the words of the file are the trace in memory, so
 * that a replay reads two loads per operation and nothing is converted.
 */
import { GIB_FRAMES, type Workload } from './workloads.js';

export const TRACE_MAGIC = 0x414c4c31;
export const SLOT_MASK = 0xffffff;
export const ALIGNED = 1 << 28;
export const PROBE = 1 << 29;
export const FREED = 1 << 30;
/** Frames of one granule: what a 1 GiB page takes. */
export const GRANULE = GIB_FRAMES;

const HEADER_WORDS = 8;
const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;
const MAX_FRAMES = 2 ** 30;

export interface Trace {
  readonly frames: number;
  readonly operations: number;
  /** Slots 0…slots-1 occur. */
  readonly slots: number;
  /** Two words per operation. */
  readonly words: Int32Array;
}

export type DecodedTrace = { readonly trace: Trace } | { readonly problem: string };

/** A generated workload as a trace. */
export function traceOf(workload: Workload): Trace {
  const { frames, slots, slot, size, aligned, probe } = workload;
  const words = new Int32Array(2 * slot.length);
  for (let i = 0; i < slot.length; i++) {
    const free = size[i] === 0 ? FREED : 0;
    words[2 * i] = slot[i] | (aligned[i] * ALIGNED) | (probe[i] * PROBE) | free;
    words[2 * i + 1] = size[i];
  }
  return { frames, operations: slot.length, slots, words };
}

/** The first `operations` operations. */
export function prefixOf(trace: Trace, operations: number): Trace {
  const count = Math.min(operations, trace.operations);
  return { ...trace, operations: count, words: trace.words.subarray(0, 2 * count) };
}

export function encodeTrace(trace: Trace): Uint8Array {
  const view = new DataView(new ArrayBuffer((HEADER_WORDS + trace.words.length) * WORD_BYTES));
  const header = [TRACE_MAGIC, trace.frames, trace.operations, trace.slots];
  for (const [i, word] of header.entries()) view.setInt32(i * WORD_BYTES, word, true);
  for (const [i, word] of trace.words.entries()) {
    view.setInt32((HEADER_WORDS + i) * WORD_BYTES, word, true);
  }
  return new Uint8Array(view.buffer);
}

export function decodeTrace(bytes: Uint8Array): DecodedTrace {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_WORDS * WORD_BYTES) return problem(`${bytes.length} bytes: no header`);
  const header = (i: number) => view.getInt32(i * WORD_BYTES, true);
  if (header(0) !== TRACE_MAGIC) return problem('not a trace: the first word is not 0x414c4c31');
  const [frames, operations, slots] = [header(1), header(2), header(3)];
  if (frames < 1 || frames > MAX_FRAMES) return problem(`a node of ${frames} frames`);
  if (operations < 1) return problem(`${operations} operations`);
  if (slots < 1 || slots > SLOT_MASK + 1) return problem(`${slots} slots`);
  const expected = (HEADER_WORDS + 2 * operations) * WORD_BYTES;
  if (bytes.length !== expected) {
    const wrong = bytes.length < expected ? 'truncated' : 'too long';
    return problem(`${wrong}: ${bytes.length} bytes, ${operations} operations take ${expected}`);
  }
  const words = new Int32Array(2 * operations);
  for (let i = 0; i < words.length; i++) words[i] = header(HEADER_WORDS + i);
  const wrong = operationProblem(words, slots);
  return wrong === undefined ? { trace: { frames, operations, slots, words } } : problem(wrong);
}

function operationProblem(words: Int32Array, slots: number): string | undefined {
  for (let i = 0; i < words.length; i += 2) {
    const wrong = wordsProblem(words[i], words[i + 1], slots);
    if (wrong !== undefined) return `operation ${i / 2}: ${wrong}`;
  }
  return undefined;
}

function wordsProblem(word: number, size: number, slots: number): string | undefined {
  const slot = word & SLOT_MASK;
  const unknown = word & ~(SLOT_MASK | ALIGNED | PROBE | FREED);
  if (unknown !== 0) return `0x${(word >>> 0).toString(16)} has bits without a meaning`;
  if (slot >= slots) return `slot ${slot} of ${slots}`;
  if ((word & FREED) !== 0) {
    return size === 0 ? undefined : `a free of ${size} frames, must be 0`;
  }
  return size < 1 ? `an allocation of ${size} frames` : undefined;
}

function problem(text: string): DecodedTrace {
  return { problem: text };
}
