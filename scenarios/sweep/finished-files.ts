/**
 * What a finished sweep leaves: tables, summary and manifest, made from rows in canonical order.
 *
 * Invariant: the one place where they are made, for a local sweep, a resumed one, one over Redis and
 * a merge of shards alike; so their bytes are equal.
 */
import { type SweepSummary, summarize } from '../../reports/sweep/summary.js';
import { tableFiles } from '../../reports/sweep/tables.js';
import type { Collected } from './collect.js';
import { manifestText } from './manifest.js';
import { type Plan, taskAt } from './plan.js';
import { sha256Of } from './sweep-folder.js';

export interface FinishedFiles {
  readonly summary: SweepSummary;
  /** Without the blocks. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Ids of the tasks they are made of. */
  readonly tasks: ReadonlySet<string>;
}

export function finishedFiles(plan: Plan, collected: Collected): FinishedFiles {
  const { rows, stoppedBy } = collected;
  const head = { ...plan, stoppedBy };
  const summary = summarize(head, rows);
  const tables: Record<string, string | Uint8Array> = {
    ...tableFiles(head, summary, rows),
    'summary.json': summaryText(summary),
  };
  const hashes = Object.entries(tables).map(([name, content]) => [name, sha256Of(content)]);
  const manifest = { ...plan, tables: Object.fromEntries(hashes) };
  const ids = Array.from({ length: collected.tasks }, (_, i) => taskAt(plan, i).id);
  return {
    summary,
    files: { ...tables, 'manifest.json': manifestText(manifest) },
    tasks: new Set(ids),
  };
}

export function summaryText(summary: SweepSummary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}
