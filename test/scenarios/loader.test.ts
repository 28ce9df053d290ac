/**
 * The loader on valid files, and on files with many things wrong at once.
 * What is wrong one thing at a time has its tables in loader-bad and loader-contradictions.
 */
import { describe, expect, it } from 'vitest';
import { type LoadedScenario, loadScenario } from '../../scenarios/schema/load.js';
import { formatProblem, formatProblems } from '../../scenarios/schema/problem.js';
import { explicit, problemsOf, timeline } from './loader-rows.js';
import { NITRO, QINGTIAN, SAMPLES, SMALL } from './loader-samples.js';

function loaded(text: string, ...sets: string[]): LoadedScenario {
  const result = loadScenario(text, 'f.yaml', sets);
  if ('problems' in result) throw new Error(formatProblems(result.problems));
  return result;
}

describe('loader: valid files', () => {
  it.each(SAMPLES.map((text) => [text]))('loads a sample', (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it('fills in defaults and reads quantities as integers', () => {
    const { scenario } = loaded(SMALL);
    expect(scenario).toMatchObject({ seed: 1, images: {}, workload: { timeline: [] } });
    const full = loaded(NITRO).scenario;
    expect(full.images['db.main'].size).toBe(64 * 1024);
    expect(full.workload.churn).toMatchObject({ every: 30, lifetime: 7200 });
    expect(full.workload.timeline.at(3)?.at).toBe(300);
  });

  it('gives the parent of a catalogue type and of an explicit topology', () => {
    expect(loaded(SMALL).parent.topology.nodes).toHaveLength(2);
    const { topology, usableMibPerNode } = loaded(QINGTIAN).parent;
    expect(usableMibPerNode).toEqual([16384, 16384]);
    expect(topology.cores[3]).toEqual([3, 19]);
    expect(topology.offline).toEqual([31]);
  });

  it('numbers cores regularly over CPU ids with gaps', () => {
    const { parent } = loaded(explicit('{nodes: [{cpus: "0-1,8-9", memory: 1GiB}]}'));
    expect(parent.topology.cores).toEqual([
      [0, 8],
      [1, 9],
    ]);
  });

  it('reads JSON, CRLF line ends, a byte order mark, and anchors', () => {
    const json = JSON.stringify({ schemaVersion: 1, title: 't', parent: { type: 'm5.large' } });
    const { scenario } = loaded(json);
    expect(loaded(JSON.stringify(JSON.parse(json), null, '\t')).scenario).toEqual(scenario);
    expect(loaded(SMALL.replaceAll('\n', '\r\n')).scenario).toEqual(loaded(SMALL).scenario);
    expect(loaded(`\ufeff${SMALL}`).scenario).toEqual(loaded(SMALL).scenario);
    const anchored = timeline('&a {launch: {name: x}}', '*a');
    expect(loaded(anchored).scenario.workload.timeline).toHaveLength(2);
  });

  it('leaves to the platform what the platform refuses', () => {
    const odd = `${SMALL}platform: qingtian\nreservation: {cpuCount: 3, cpuList: 1-2}\n`;
    expect(problemsOf(odd)).toEqual([]);
    expect(
      problemsOf(timeline('{launch: {name: x, vcpus: 3}}', '{terminate: x}', '{terminate: x}')),
    ).toEqual([]);
  });
});

describe('loader: many problems', () => {
  it('lists them all in the order of the text, a bad parent among them', () => {
    const text = `schemaVersion: 1\ntitle: 5\nparent: {type: m5.61xlarge}\nseed: -1\nx: 1\nx: 2\n`;
    const places = problemsOf(text).map(({ line, path }) => `${line} ${path}`);
    expect(places).toEqual(['2 title', '3 parent.type', '4 seed', '6 x', '6 x']);
  });

  it('counts those past the first fifty', () => {
    const lines = Array.from({ length: 80 }, (_, n) => `key${n}: 1\n`).join('');
    const problems = problemsOf(SMALL + lines);
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)?.message).toBe('and 30 more problems');
  });

  it('stops an alias bomb at a bounded number of values', () => {
    const step = (n: number): string => `  - &a${n} [${Array(9).fill(n ? `*a${n - 1}` : '1')}]\n`;
    const bomb = `${SMALL}derived:\n${Array.from({ length: 40 }, (_, n) => step(n)).join('')}`;
    const printed = formatProblems(problemsOf(bomb));
    expect(printed).toContain('aliases expand to more than 20000 values');
  });

  it('stops a chain of aliases that would nest without end', () => {
    const step = (n: number): string => `  - &a${n} [${n ? `*a${n - 1}` : '1'}]\n`;
    const chain = `${SMALL}derived:\n${Array.from({ length: 150 }, (_, n) => step(n)).join('')}`;
    expect(formatProblems(problemsOf(chain))).toContain('more problems');
  });

  it('does not pollute any prototype', () => {
    problemsOf(`${SMALL}__proto__: {polluted: 1}\nparent: {__proto__: {polluted: 1}}\n`);
    problemsOf(SMALL, 'constructor.prototype.polluted=1', '["__proto__"].polluted=1');
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('polluted' in {}).toBe(false);
  });

  it('prints one line a problem, without control characters of the file', () => {
    const [problem] = problemsOf(`${SMALL}"a\\u001b[31m\\n\\u202e": 1\n`);
    const line = formatProblem(problem);
    expect(line).toMatch(/^f\.yaml:4:1: .*unknown key `a\\u\{1b\}\[31m\\u\{a\}\\u\{202e\}`/);
    expect(line).not.toMatch(/\p{Cc}/u);
  });

  it('prints a problem without a place', () => {
    expect(formatProblem({ file: '-', path: '', message: 'not UTF-8 text' })).toBe(
      '-: not UTF-8 text',
    );
  });

  it('places what a --set made wrong above its own path at the argument, not in the text', () => {
    const files = (...sets: string[]) => problemsOf(SMALL, ...sets).map(({ file }) => file);
    expect(files('images["a b"].size=1MiB')).toEqual(['--set images["a b"].size=1MiB']);
    expect(files('constructor.prototype.x=1')).toEqual(['--set constructor.prototype.x=1']);
    expect(files('parent.region.x=1')).toEqual(['--set parent.region.x=1']);
    expect(files('parent.type=m5.61xlarge')).toEqual(['--set parent.type=m5.61xlarge']);
  });

  it('places later findings for those who check more', () => {
    const { source } = loaded(SMALL, 'seed=9');
    const at = (...path: string[]): string =>
      formatProblem(source.problemAt({ path, message: 'm' }));
    expect(at('parent', 'type')).toBe('f.yaml:3:16: parent.type: m');
    expect(at('seed')).toBe('--set seed=9: seed: m');
    expect(at('parent', 'absent', 'deeper')).toBe('f.yaml:3:9: parent.absent.deeper: m');
  });
});
