/** A stored record reads back equal; anything else is refused with its place named. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderJson } from '../../reports/json.js';
import { readRecord } from '../../reports/read-record.js';
import type { RunRecord } from '../../reports/record.js';
import { recordJsonSchema } from '../../reports/record-schema.js';
import * as arbitrary from './arbitrary-record.js';
import { SAMPLE } from './sample-record.js';

/** The sample's JSON with one place changed. */
function changed(change: (document: Record<string, never>) => void): string {
  const document: Record<string, never> = JSON.parse(renderJson(SAMPLE));
  change(document);
  return JSON.stringify(document);
}

describe('a stored record', () => {
  it('reads back equal', () => {
    expect(readRecord(renderJson(SAMPLE))).toEqual({ record: SAMPLE });
  });

  it('reads back equal, whatever run it is of', () => {
    const named = arbitrary.record.filter(
      ({ scenario, refusals }) => scenario.platform !== '' && refusals.every(({ rule }) => rule),
    );
    fc.assert(
      fc.property(named, (record: RunRecord) => {
        expect(readRecord(renderJson(record))).toEqual({ record });
      }),
    );
  });

  it('the published JSON Schema is the one in use', async () => {
    await expect(recordJsonSchema()).toMatchFileSnapshot('../../reports/record.schema.json');
  });
});

describe('what is no record', () => {
  it.each([
    ['nothing', '', '', /not JSON/],
    ['no JSON', 'hello', '', /not JSON/],
    ['a list', '[]', '', /no JSON object/],
    ['no version', '{}', 'recordVersion', /must be 1, found none/],
    ['a later version', '{"recordVersion":2}', 'recordVersion', /must be 1, found 2/],
  ])('%s', (_, text, path, message) => {
    expect(readRecord(text)).toEqual({
      problems: [{ path, message: expect.stringMatching(message) }],
    });
  });

  it('a fraction of a vCPU is named by its place', () => {
    const text = renderJson({ ...SAMPLE, host: { ...SAMPLE.host, vcpus: 1.5 } });
    expect(readRecord(text)).toMatchObject({ problems: [{ path: 'host.vcpus' }] });
  });

  it('runs that overlap are named by their node', () => {
    const [first, ...others] = SAMPLE.snapshots;
    const [node0, node1] = first.memory;
    const twice = { ...node0, runs: [...node0.runs, ...node0.runs] };
    const snapshots = [{ ...first, memory: [node1, twice] }, ...others];
    expect(readRecord(renderJson({ ...SAMPLE, snapshots }))).toEqual({
      problems: [
        {
          path: 'snapshots[0].memory[1].runs',
          message: 'runs must be in address order, apart, and within the node',
        },
      ],
    });
  });

  it('an unknown or a missing field is named', () => {
    const unknown = changed((document) => Object.assign(document, { extra: 1 }));
    expect(readRecord(unknown)).toMatchObject({ problems: [{ message: /extra/ }] });
    const missing = changed((document) => delete document.verdict);
    expect(readRecord(missing)).toMatchObject({ problems: [{ path: 'verdict' }] });
  });

  it('any text gives a record or problems, and never throws', () => {
    const anything = fc.oneof(fc.string(), fc.json(), fc.jsonValue().map(withVersion));
    fc.assert(
      fc.property(anything, (text) => {
        const read = readRecord(text);
        expect('problems' in read && read.problems.length > 0).toBe(true);
      }),
    );
  });

  it('a key named __proto__ changes nothing', () => {
    const text = '{"recordVersion":1,"__proto__":{"polluted":true}}';
    expect(readRecord(text)).toHaveProperty('problems');
    expect({}).not.toHaveProperty('polluted');
  });
});

function withVersion(value: unknown): string {
  const fields = typeof value === 'object' && value !== null ? value : { value };
  return JSON.stringify({ ...fields, recordVersion: 1 });
}
