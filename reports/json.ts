/** The record as one JSON document, for `--json` and for storing; read back by record-schema.ts. */
import type { RunRecord } from './record.js';

/** One record, or a list when several platforms ran; ends with a newline. */
export function renderJson(document: RunRecord | readonly RunRecord[]): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
