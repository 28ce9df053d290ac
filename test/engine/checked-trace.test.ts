/** A trace is read for its check once in a process, and again as soon as it may be another. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CheckProgress } from '../../scenarios/engine/check-progress.js';
import { sha256Of } from '../../scenarios/engine/file-hash.js';
import { checkedTrace } from '../../scenarios/engine/trace/checked-trace.js';
import type { TraceColumns } from '../../scenarios/engine/trace/columns.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-checked-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const COLUMNS: TraceColumns = {
  ...{ vcpus: 'cpu', memory: 'mem', at: 'at' },
  ...{ cpuUnit: 'vcpu', memoryUnit: 'MiB', timeUnit: 's' },
};
const LATER_MS = Date.now() + 3_600_000;

function traceOf(name: string, ...rows: readonly string[]): string {
  const file = join(FOLDER, name);
  writeFileSync(file, `at,cpu,mem\n${rows.join('\n')}\n`);
  return file;
}

/** The outcome, and how many lines its progress said: each block of a file that is read is one. */
function look(file: string, columns = COLUMNS, nowMs = LATER_MS) {
  let ms = 0;
  let said = 0;
  const clock = () => {
    ms += 5000;
    return ms;
  };
  const progress = new CheckProgress('fleet', () => said++, clock);
  const checked = checkedTrace(file, columns, 'ignore', progress, nowMs);
  return { checked, said };
}

describe('a checked trace', () => {
  it('is read once, and says what it said', () => {
    const file = traceOf('once.csv', '0,1,64', '1,2,64');
    const first = look(file);
    expect(first.said).toBeGreaterThan(0);
    expect(first.checked).toEqual({
      problems: [],
      requests: 2,
      firstAskMs: 0,
      sha256: sha256Of(file),
    });
    expect(look(file)).toEqual({ checked: first.checked, said: 0 });
  });

  it('is read again once its content has changed, of the same length or not', () => {
    const file = traceOf('changed.csv', '0,1,64');
    look(file);
    traceOf('changed.csv', '0,2,64');
    expect(look(file).checked.sha256).toBe(sha256Of(file));
    traceOf('changed.csv', '0,2,64', '0,2,64');
    expect(look(file).checked.requests).toBe(2);
  });

  it('is read again while its last change is not two seconds past', () => {
    const file = traceOf('fresh.csv', '0,1,64');
    for (let i = 0; i < 2; i++) expect(look(file, COLUMNS, Date.now()).said).toBeGreaterThan(0);
  });

  it('is read again as other columns', () => {
    const file = traceOf('columns.csv', '0,1,64');
    expect(look(file).checked.problems).toEqual([]);
    expect(look(file, { ...COLUMNS, vcpus: 'cpus' }).checked.problems).toHaveLength(1);
  });

  it('with problems is told of each time; so is one that is not there', () => {
    const file = traceOf('bad.csv', '0,1,64', '-1,1,64');
    for (let i = 0; i < 2; i++) expect(look(file).checked.problems).toHaveLength(1);
    const gone = join(FOLDER, 'gone.csv');
    for (let i = 0; i < 2; i++) expect(look(gone).checked.problems).toHaveLength(1);
  });
});
