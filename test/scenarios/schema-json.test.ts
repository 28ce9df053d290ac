/**
 * The published JSON Schemas are those the program validates with.
 * After a change of a file's schema: `npm run schema` writes them anew.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FLEET_VERSION, fleetSchema } from '../../scenarios/engine/schema.js';
import { jsonSchemaText } from '../../scenarios/schema/json-schema.js';
import { SCENARIO_VERSION, scenarioSchema } from '../../scenarios/schema/scenario.js';
import { SWEEP_VERSION, sweepSchema } from '../../scenarios/sweep/schema.js';

const fileOf = (path: string): string =>
  fileURLToPath(new URL(`../../scenarios/${path}`, import.meta.url));
const SCENARIO = fileOf('schema/scenario.schema.json');
const FLEET = fileOf('engine/fleet.schema.json');
const SWEEP = fileOf('sweep/sweep.schema.json');

const PUBLISHED = [
  [SCENARIO, `hypercarve scenario, version ${SCENARIO_VERSION}`, scenarioSchema],
  [FLEET, `hypercarve fleet, version ${FLEET_VERSION}`, fleetSchema],
  [SWEEP, `hypercarve sweep, version ${SWEEP_VERSION}`, sweepSchema],
] as const;

describe('published schemas', () => {
  it.each(PUBLISHED)('%s is what the program validates with', async (file, title, schema) => {
    await expect(jsonSchemaText(title, schema)).toMatchFileSnapshot(file);
  });

  it.each([
    [SCENARIO, ['schemaVersion', 'title', 'parent']],
    [FLEET, ['fleetVersion', 'title', 'platform', 'fleet', 'workload']],
    [SWEEP, ['sweepVersion', 'title', 'base', 'axes', 'seeds']],
  ])('%s tells an editor which keys are required, and that there are no others', (file, keys) => {
    const schema = JSON.parse(readFileSync(file, 'utf8'));
    expect(schema.required).toEqual(keys);
    expect(schema.additionalProperties).toBe(false);
  });

  it('describes what a key means', () => {
    const schema = JSON.parse(readFileSync(SCENARIO, 'utf8'));
    expect(schema.properties.parent.properties.type.description).toContain('m5.16xlarge');
  });
});
