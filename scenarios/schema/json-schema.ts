/**
 * The schema of a file as JSON Schema (draft 2020-12), for editors and other programs.
 *
 * Invariant: generated from the same zod schema that validates; a test keeps each committed
 * `*.schema.json` equal to it. Trade-off: what only code can check (units in a size, names that must
 * exist) is not in it, so a file that passes here may still have problems.
 */
import * as z from 'zod';

/**
 * What may be written in a file, as JSON text with a newline at the end.
 * @param title such as "hypercarve scenario, version 1"
 */
export function jsonSchemaText(title: string, schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  return `${JSON.stringify({ title, ...json }, null, 2)}\n`;
}
