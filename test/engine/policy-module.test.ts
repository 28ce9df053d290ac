/** A policy from a user's module: what it may be, that each run has its own, and whose fault is whose. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fleet } from '../../scenarios/cli/fleet.js';
import { openPolicyModule } from '../../scenarios/engine/policy-module.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { runSweep } from '../sweep/small-sweep.js';
import { FLEET_OF_MINE } from './fleet-of-mine.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-policy-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Its answers hang on how often the module was asked since it was loaded. */
const EVERY_OTHER = `let n = 0;
const policy = { name: 'every-other', propose() { n++; return n % 3 ? { host: n % 2 } : undefined; } };
`;

function write(source: string, name = 'mine.mjs'): string {
  const file = join(FOLDER, name);
  writeFileSync(file, source);
  return file;
}

async function run(source: string, text = FLEET_OF_MINE, name = 'fleet.yaml', module = 'mine.mjs') {
  write(source, module);
  const file = join(FOLDER, name);
  writeFileSync(file, text.replace('mine.mjs', module));
  const streams = recordedStreams();
  const code = await fleet(file, { json: true }, streams);
  return { code, out: streams.stdout(), err: streams.stderr() };
}

/** Parents of 2 MiB pages and, behind them, one of 1 GiB pages. */
const TWO_PAGE_SIZES = `fleetVersion: 1
title: Pages of two sizes
platform: qingtian
fleet:
  - count: 2
    parent: {topology: {nodes: [{cpus: 0-15, memory: 8GiB}]}}
    reservation: {pageSize: 2MiB, memory: 2GiB, cpuCount: 8}
  - parent: {topology: {nodes: [{cpus: 0-15, memory: 8GiB}]}}
    reservation: {pageSize: 1GiB, memory: 2GiB, cpuCount: 8}
workload:
  requests: 3
  arrivals: {kind: poisson, every: 10s}
  lifetime: {kind: forever}
  mix: [{vcpus: 2, memory: 1GiB}]
policy: {module: mine.mjs}
`;

describe('policy module: page sizes', () => {
  it('are in the view, so that a policy can choose by them', async () => {
    // By size of page; where nobody has it, nowhere.
    const by = (
      kib: number,
    ) => `export default { name: 'by-page', propose({ hosts, firstNode, pageKib, closed }) {
      for (let host = 0; host < hosts; host++) {
        if (closed[host] === 0 && pageKib[firstNode[host]] === ${kib}) return { host };
      }
    } };`;
    const given = [1_048_576, 2048, 4].map(async (kib) => {
      const { out } = await run(by(kib), TWO_PAGE_SIZES, `fleet-${kib}.yaml`, `by-${kib}.mjs`);
      const { accepted, refusedBy } = JSON.parse(out).result;
      return [accepted, Object.keys(refusedBy)];
    });
    // One enclave of 1 GiB takes a page; with 2 MiB pages it would take more than one may have.
    expect(await Promise.all(given)).toEqual([
      [2, ['enclave-count']],
      [0, ['memory-max']],
      [0, ['fleet-not-proposed']],
    ]);
  });
});

describe('policy module: found bug, state in a module', () => {
  it.each(['policy', '() => policy'])('export default %s: each run begins anew', async (given) => {
    const source = `${EVERY_OTHER}export default ${given};\n`;
    const once = await run(source);
    expect([once.code, once.err]).toEqual([0, '']);
    expect(JSON.parse(once.out).result.refused).toBeGreaterThan(0);
    expect(await run(source)).toEqual(once);
  });

  it('a function is called once for each run', async () => {
    const counted =
      'let made = 0; export default () => ({ name: "made " + ++made, propose() {} });';
    const names = [await run(counted), await run(counted)].map(({ out }) => JSON.parse(out).policy);
    expect(names).toEqual(['made 1', 'made 1']);
  });

  it('one worker and two make the same tables', async () => {
    write(`${EVERY_OTHER}export default policy;\n`);
    const base = FLEET_OF_MINE.replace(/^policy.*\n/m, '')
      .replaceAll(/^/gm, '  ')
      .trimEnd();
    const axes =
      'axes: {policy: [first-fit, {module: mine.mjs}]}\nseeds: {first: 1, count: 6, block: 1}';
    const text = `sweepVersion: 1\ntitle: P\nbase:\n${base}\n${axes}\n`;
    const tables: string[] = [];
    for (const workers of ['1', '2']) {
      const { code, err, out } = await runSweep(FOLDER, text, {
        workers,
        out: join(FOLDER, workers),
      });
      expect([code, err]).toEqual([0, '']);
      for (const name of ['runs.parquet', 'summary.json']) {
        tables.push(readFileSync(join(out, name), 'latin1'));
      }
    }
    expect(tables.slice(2)).toEqual(tables.slice(0, 2));
  }, 60_000);
});

describe('policy module: found bug, a helper that no hash knows', () => {
  it.each([
    ['a file beside it', "import { help } from './helper.mjs';"],
    ['a package', "import { findProfile } from 'hypercarve';"],
    ['a file by its whole address', "import { help } from 'file:///tmp/helper.mjs';"],
    ['one loaded later', "const { help } = await import('./helper.mjs');"],
    [
      'one loaded later by its whole address',
      "const { help } = await import('file:///tmp/h.mjs');",
    ],
  ])('%s: named, exit 2, nothing ran', async (_, line) => {
    writeFileSync(join(FOLDER, 'helper.mjs'), 'export const help = 1;');
    const { code, out, err } = await run(`${line}\n${EVERY_OTHER}export default policy;\n`);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('fleet.yaml:10');
    expect(err).toContain('mine.mjs');
    expect(err).toContain('a policy is one file');
    expect(err).not.toContain('base64');
  });

  it('modules of Node can be imported', async () => {
    const file = write(`import { cpus } from 'node:os';\n${EVERY_OTHER}export default policy;\n`);
    expect(await openPolicyModule(file)).toMatchObject({ policy: { name: 'every-other' } });
  });

  it('what is hashed is the text that ran', async () => {
    const texts = [1, 2].map((n) => `${EVERY_OTHER}export default policy; // ${n}\n`);
    const ids: string[] = [];
    for (const text of texts) ids.push(JSON.parse((await run(text)).out).runId);
    expect(ids[0]).not.toBe(ids[1]);
    expect(JSON.parse((await run(texts[0])).out).runId).toBe(ids[0]);
  });
});

/** What the module is, and words of the message. */
const BAD: readonly (readonly [string, string, string])[] = [
  ['no default export', 'export const a = 1;', 'has no policy as its default export'],
  ['a function that makes none', 'export default () => 3;', 'has no policy as its default export'],
  [
    'a function that throws',
    'export default () => { throw new Error("no"); };',
    'mine.mjs:1:30 cannot be loaded: no',
  ],
  ['a text that ends too soon', 'export default {', 'mine.mjs:1 cannot be loaded: Unexpected end'],
  // Found bug: neither file nor line of what the loader cannot parse was told.
  [
    'no JavaScript',
    '// mine\nexport default {\n  name: ;\n};',
    "mine.mjs:3:9 cannot be loaded: Unexpected token ';'",
  ],
  ['an error of its own', '\n\nnone();', 'mine.mjs:3:1 cannot be loaded: none is not defined'],
  ['a policy that throws', policyOf('throw new Error("boom")'), 'threw "boom" for ask 0 (2 vCPUs'],
  ['a policy that gives null', policyOf('return null'), 'returned null'],
  [
    'a parent that is not there',
    policyOf('return { host: 99 }'),
    'mine.mjs: propose of "mine" returned `host: 99` (the fleet has parents 0 to',
  ],
  [
    'what is thrown is no text',
    'throw Object.create(null);',
    'mine.mjs cannot be loaded: something',
  ],
  [
    'a node twice',
    policyOf('return { host: 0, nodes: [0, 0] }'),
    'returned 0 twice among the `nodes` of parent 0 for ask 0',
  ],
  // Found bug: each ended the command with exit code 0.
  ['an end of the process', 'process.exit();', 'it called process.exit, and a policy ends nothing'],
  ['an end where it is made', 'export default () => process.reallyExit(0);', 'process.reallyExit'],
  ['an end when it is asked', policyOf('process.exit(0)'), 'threw "it called process.exit'],
  ['one that it hides', policyOf('try { process.abort() } catch {}'), 'called process.abort'],
  ['nodes that are a number', policyOf('return { host: 0, nodes: 1 }'), 'no list of numbers'],
];

function policyOf(body: string): string {
  return `export default { name: 'mine', propose() { ${body}; } };`;
}

describe('policy module: found bug, its faults are not ours', () => {
  it.each(BAD)('%s: its file and what it did, exit 2', async (_, source, words) => {
    const { code, out, err } = await run(source);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('fleet.yaml:10');
    expect(err).toContain(join(FOLDER, 'mine.mjs'));
    expect(err).toContain(words);
    expect(err).not.toContain('report');
  });

  it('so are those of a promise, and one that fails afterwards is heard by nobody', async () => {
    const late = "export default { name: 'mine', async propose() { throw new Error('late'); } };";
    const { code, err } = await run(late);
    expect([code, err]).toEqual([2, expect.stringContaining('returned a promise')]);
    await new Promise(setImmediate);
  });

  it('a sweep says so too, and makes no table', async () => {
    write(policyOf('throw new Error("boom")'));
    const base = FLEET_OF_MINE.replaceAll(/^/gm, '  ').trimEnd();
    const text = `sweepVersion: 1\ntitle: P\nbase:\n${base}\naxes: {seed: [1]}\nseeds: {count: 1}\n`;
    const { code, stdout, err } = await runSweep(
      FOLDER,
      text.replace('axes: {seed: [1]}', 'axes: {blind: [false]}'),
      {
        out: join(FOLDER, 'faulty'),
      },
    );
    expect([code, stdout]).toEqual([2, '']);
    expect(err).toContain('mine.mjs: propose of "mine" threw "boom"');
  });
});
