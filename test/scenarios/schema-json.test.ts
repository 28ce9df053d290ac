/**
 * The published JSON Schema is the one the program validates with.
 * After a change of the scenario schema: `npm run schema` writes the file anew.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scenarioJsonSchema } from '../../scenarios/schema/json-schema.js';

const FILE = fileURLToPath(new URL('../../scenarios/schema/scenario.schema.json', import.meta.url));

describe('scenario.schema.json', () => {
  it('is what the schema says', async () => {
    await expect(scenarioJsonSchema()).toMatchFileSnapshot(FILE);
  });

  it('tells an editor the keys, which are required, and that there are no others', () => {
    const schema = JSON.parse(readFileSync(FILE, 'utf8'));
    expect(schema.required).toEqual(['schemaVersion', 'title', 'parent']);
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties.parent.properties.type.description).toContain('m5.16xlarge');
  });
});
