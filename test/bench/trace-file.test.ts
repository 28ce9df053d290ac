/** Trace files: what is written is read back, and each kind of damage is named. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTrace, encodeTrace, FREED, type Trace, traceOf } from '../../bench/trace-file.js';
import { workload } from '../../bench/workloads.js';
import { arbitraryTrace } from './arbitrary-trace.js';

const trace: Trace = {
  frames: 1024,
  operations: 2,
  slots: 1,
  words: Int32Array.from([0, 7, FREED, 0]),
};

function problemOf(change: (view: DataView) => void): string {
  const bytes = encodeTrace(trace);
  change(new DataView(bytes.buffer));
  const decoded = decodeTrace(bytes);
  return 'problem' in decoded ? decoded.problem : '';
}

describe('trace files', () => {
  it('a trace that is written is read back', () => {
    fc.assert(
      fc.property(arbitraryTrace, (one) => {
        expect(decodeTrace(encodeTrace(one))).toEqual({ trace: one });
      }),
    );
  });

  it('a generated workload has the documented bits', () => {
    const { words, operations } = traceOf(workload('b_mix', 1));
    const probes = words.filter((word, i) => i % 2 === 0 && (word & (1 << 29)) !== 0);
    expect(operations).toBeGreaterThan(512);
    expect(probes).toHaveLength(512);
  });

  it.each<[damage: string, change: (view: DataView) => void, says: RegExp]>([
    ['another magic', (view) => view.setInt32(0, 1, true), /not a trace/],
    ['no frames', (view) => view.setInt32(4, 0, true), /node of 0 frames/],
    ['more operations than words', (view) => view.setInt32(8, 3, true), /truncated/],
    ['fewer operations than words', (view) => view.setInt32(8, 1, true), /too long/],
    ['no slots', (view) => view.setInt32(12, 0, true), /0 slots/],
    ['a slot out of range', (view) => view.setInt32(32, 1, true), /operation 0: slot 1 of 1/],
    ['a size of nothing', (view) => view.setInt32(36, 0, true), /allocation of 0 frames/],
    ['a negative size', (view) => view.setInt32(36, -5, true), /allocation of -5 frames/],
    [
      'a bit without a meaning',
      (view) => view.setInt32(32, 1 << 25, true),
      /operation 0: 0x2000000/,
    ],
    [
      'the sign bit',
      (view) => view.setInt32(40, FREED | (1 << 31), true),
      /operation 1: 0xc0000000/,
    ],
    ['the most operations', (view) => view.setInt32(8, 2 ** 31 - 1, true), /truncated/],
    ['fewer than no operations', (view) => view.setInt32(8, -1, true), /-1 operations/],
    ['more slots than bits', (view) => view.setInt32(12, 2 ** 24 + 1, true), /16777217 slots/],
    [
      'a node too large',
      (view) => view.setInt32(4, 2 ** 30 + 1, true),
      /node of 1073741825 frames/,
    ],
    ['a free with a size', (view) => view.setInt32(44, 9, true), /a free of 9 frames/],
  ])('%s is refused', (_, change, says) => {
    expect(problemOf(change)).toMatch(says);
  });

  it('a request of more than the node is no bad trace', () => {
    for (const size of [1025, 2 ** 31 - 1])
      expect(problemOf((view) => view.setInt32(36, size, true))).toBe('');
  });

  it('every shorter file is refused', () => {
    const bytes = encodeTrace(trace);
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeTrace(bytes.subarray(0, length)), `${length} bytes`).toHaveProperty('problem');
    }
  });
});
