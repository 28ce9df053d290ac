/**
 * The scenario schema as JSON Schema (draft 2020-12), for editors and other programs.
 *
 * Invariant: generated from the same zod schema that validates; a test keeps the committed
 * `scenario.schema.json` equal to it. Trade-off: what only code can check (units in a size, names
 * that must exist) is not in it, so a file that passes here may still have problems.
 */
import * as z from 'zod';
import { SCENARIO_VERSION, scenarioSchema } from './scenario.js';

/** The schema of what may be written in a file, as JSON text with a newline at the end. */
export function scenarioJsonSchema(): string {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-2020-12' });
  const title = `hypercarve scenario, version ${SCENARIO_VERSION}`;
  return `${JSON.stringify({ title, ...schema }, null, 2)}\n`;
}
