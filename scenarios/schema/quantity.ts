/**
 * Quantities in all files but times: memory and CPU lists, read exactly and kept as integers.
 *
 * Memory without a unit means MiB, as every tool of the field reads it; "512Q" is an error, not 512.
 * Invariant: no floating point; a value that is not a whole number of the base unit is an error.
 */
import * as z from 'zod';
import { quoteValue } from './problem.js';

const KIB_PER: Readonly<Record<string, bigint>> = {
  KIB: 1n,
  K: 1n,
  MIB: 1024n,
  M: 1024n,
  GIB: 1024n ** 2n,
  G: 1024n ** 2n,
  TIB: 1024n ** 3n,
  T: 1024n ** 3n,
};
/** 64 TiB: more than any parent, small enough that sums stay exact. */
const MAX_KIB = 64n * 1024n ** 3n;

const MEMORY = /^(\d{1,20})\s*([A-Za-z]*)$/;

/** Memory in KiB from "512", "512MiB", "64K", "4 GiB" or a plain number of MiB. */
export function parseMemoryKib(value: string | number): number | string {
  if (typeof value === 'number') {
    if (value > Number.MAX_SAFE_INTEGER) return `${value} is more than 64 TiB`;
    if (!Number.isSafeInteger(value) || value < 0) {
      return `${value} is not a whole number of MiB from 0`;
    }
    return parseMemoryKib(String(value));
  }
  const match = MEMORY.exec(value.trim());
  if (match === null) return `${quoteValue(value)} is not a size; write 512, 512MiB or 4GiB`;
  const unit = KIB_PER[match[2] === '' ? 'MIB' : match[2].toUpperCase()];
  if (unit === undefined) return `unknown unit ${quoteValue(match[2])}; use KiB, MiB, GiB or TiB`;
  const kib = BigInt(match[1]) * unit;
  return kib > MAX_KIB ? `${value} is more than 64 TiB` : Number(kib);
}

const SIZE = 'A size such as 512MiB or 4GiB; a bare number is MiB.';

export const memoryKib = z
  .union([z.string(), z.number()])
  .describe(SIZE)
  .transform((value, context) => {
    const kib = parseMemoryKib(value);
    if (typeof kib === 'number') return kib;
    context.addIssue({ code: 'custom', message: kib });
    return z.NEVER;
  });

/** Memory where every tool takes whole MiB (reservations, launches, nodes). */
export const memoryMib = z
  .union([z.string(), z.number()])
  .describe(SIZE)
  .transform((value, context) => {
    const kib = parseMemoryKib(value);
    if (typeof kib === 'number' && kib % 1024 === 0) return kib / 1024;
    const message =
      typeof kib === 'number' ? `${quoteValue(value)} is not a whole number of MiB` : kib;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** A cpulist as text ("1-3,9"); a bare number is one CPU. Checked against the topology later. */
export const cpulistText = z
  .union([z.string().max(4096), z.int().min(0)])
  .describe('A CPU list such as "1-3,9".')
  .transform((value) => String(value));
