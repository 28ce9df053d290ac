/**
 * The published JSON Schemas hold what is shipped and what is printed: every scenario of the library
 * against scenario.schema.json, and its `run --json` against record.schema.json.
 *
 * The schemas are read back from the published files, as an editor or another program would, so a
 * zod refinement that JSON Schema cannot say is no part of this check. Canaries show that both
 * refuse what is wrong.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { INIT_TEMPLATES } from '../../scenarios/cli/init-template.js';
import { run } from '../../scenarios/cli/run.js';
import { recordedStreams } from './cli/recorded-streams.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const published = (path: string): z.ZodType =>
  z.fromJSONSchema(JSON.parse(readFileSync(join(root, path), 'utf8')));
const scenarioSchema = published('scenarios/schema/scenario.schema.json');
const recordSchema = published('reports/record.schema.json');

const library = join(root, 'scenarios/library');
const files = readdirSync(library, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && !/^(fleets|sweeps)/.test(file))
  .sort();

type Document = Record<string, unknown>;

async function printed(file: string, platform?: string): Promise<unknown> {
  const streams = recordedStreams();
  const options = platform === undefined ? { json: true } : { json: true, platform };
  await run(join(library, file), options, streams);
  return JSON.parse(streams.stdout());
}

/** Paths of what a schema finds wrong. */
function wrongs(schema: z.ZodType, value: unknown): string[] {
  const checked = schema.safeParse(value);
  return checked.success ? [] : checked.error.issues.map(({ path }) => path.join('.'));
}

describe('scenario.schema.json', () => {
  it.each(files)('holds %s', (file) => {
    const checked = scenarioSchema.safeParse(parse(readFileSync(join(library, file), 'utf8')));
    expect(checked.error).toBeUndefined();
  });

  it.each([...INIT_TEMPLATES])('holds what init writes for %s', (_, text) => {
    expect(scenarioSchema.safeParse(parse(text)).error).toBeUndefined();
  });

  it('refuses an unknown key and a wrong kind', () => {
    const sound = parse(INIT_TEMPLATES.get('nitro') ?? '') as Document;
    expect(wrongs(scenarioSchema, { ...sound, reservaton: {} })).toEqual(['']);
    expect(wrongs(scenarioSchema, { ...sound, title: 5 })).toEqual(['title']);
    expect(wrongs(scenarioSchema, { ...sound, workload: { timeline: {} } })).not.toEqual([]);
  });
});

describe('record.schema.json', () => {
  it.each(files)('holds what run --json prints for %s', async (file) => {
    expect(recordSchema.safeParse(await printed(file)).error).toBeUndefined();
  });

  it('holds what several platforms print, as a list', async () => {
    const list = (await printed('odd-vcpus.yaml', 'qingtian,nitro,vm')) as Document[];
    expect(list).toHaveLength(3);
    expect(recordSchema.safeParse(list).error).toBeUndefined();
    expect(wrongs(recordSchema, [list[0]])).not.toEqual([]);
  });

  it('refuses a missing, an unknown and a malformed field', async () => {
    const record = (await printed('odd-vcpus.yaml')) as Document;
    const { verdict, ...rest } = record;
    expect(verdict).toBeDefined();
    expect(wrongs(recordSchema, rest)).not.toEqual([]);
    expect(wrongs(recordSchema, { ...record, extra: 1 })).not.toEqual([]);
    expect(wrongs(recordSchema, { ...record, commands: 1.5 })).not.toEqual([]);
  });
});
