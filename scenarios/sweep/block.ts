/**
 * A block: the rows of one task as text, with the hash of its content.
 *
 * Two lines: a head that names the task and the SHA-256 of the second line, and the rows as canonical
 * JSON. Invariant: equal rows give equal bytes; a block whose bytes changed anywhere, or which
 * belongs to another task, is never read as a block. Trade-off: JSON, a few hundred bytes a run.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../core/journal/codec.js';
import type { RunRow } from '../../reports/sweep/run-row.js';

export function encodeBlock(task: string, rows: readonly RunRow[]): string {
  const body = canonicalJson(rows);
  return `${headOf(task, body)}\n${body}\n`;
}

/** The rows, or what is wrong with the text. */
export function decodeBlock(task: string, text: string): readonly RunRow[] | string {
  const whole = wholeBody(task, text);
  return 'wrong' in whole ? whole.wrong : (JSON.parse(whole.body) as readonly RunRow[]);
}

/** What is wrong with a block; undefined = it is whole. Its rows are not looked at. */
export function blockDamage(task: string, text: string): string | undefined {
  const whole = wholeBody(task, text);
  return 'wrong' in whole ? whole.wrong : undefined;
}

function wholeBody(
  task: string,
  text: string,
): { readonly body: string } | { readonly wrong: string } {
  const [head, body, rest] = text.split('\n', 3);
  if (body === undefined || rest !== '' || !text.endsWith('\n')) return { wrong: 'is cut short' };
  if (text.length !== head.length + body.length + 2) {
    return { wrong: 'has more than one block in it' };
  }
  return head === headOf(task, body) ? { body } : { wrong: 'does not match its content hash' };
}

function headOf(task: string, body: string): string {
  return JSON.stringify({ task, sha256: createHash('sha256').update(body).digest('hex') });
}
