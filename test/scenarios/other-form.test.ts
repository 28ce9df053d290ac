/** A right value in the wrong form, in fleet and sweep files: the error names the right one. */
import { expect, it } from 'vitest';
import { loadFleet } from '../../scenarios/engine/load-fleet.js';
import { loadSweep } from '../../scenarios/sweep/load-sweep.js';

const FLEET = `fleetVersion: 1
title: x
platform: vm
fleet:
  - count: 2
    parent: {type: m5.4xlarge}
workload:
  requests: 60
  arrivals: {kind: poisson, every: 10s}
  lifetime: {kind: exponential, mean: 2m}
  mix: [{vcpus: 2, memory: 512MiB}]
policy: best-fit
onRefusal: {kind: refuse}
`;
const SWEEP = `sweepVersion: 1
title: x
base:
${FLEET.replace(/^/gm, '    ')}
axes:
  policy: [first-fit, best-fit]
seeds: {count: 5}
metrics: [accepted]
`;

type Row = readonly [key: string, written: string, path: string, right: string];

/** What stands after the key, where that is told, and the value that is proposed. */
const FLEETS: readonly Row[] = [
  ['policy', '{name: best-fit}', 'policy.name', 'best-fit'],
  ['policy', '{kind: worst-fit}', 'policy.kind', 'worst-fit'],
  ['policy', '[best-fit]', 'policy', 'best-fit'],
  ['policy', 'own/mine.mjs', 'policy', '{ module: own/mine.mjs }'],
  ['parent', 'm5.4xlarge', 'fleet[0].parent', '{ type: m5.4xlarge }'],
  ['parent', '[m5.4xlarge]', 'fleet[0].parent', ''],
  ['requests', '{count: 60}', 'workload.requests', '60'],
  ['mix', '{name: openb}', 'workload.mix.name', 'openb'],
  ['arrivals', 'poisson', 'workload.arrivals', '{ kind: poisson }'],
  ['arrivals', '10s', 'workload.arrivals', ''],
  ['lifetime', 'forever', 'workload.lifetime', '{ kind: forever }'],
  ['lifetime', 'exponential', 'workload.lifetime', '{ kind: exponential, mean: … }'],
  ['lifetime', '{exponential: 2m}', 'workload.lifetime.kind', '{ kind: exponential, mean: … }'],
  ['lifetime', '{weibull: 2m}', 'workload.lifetime.kind', ''],
  ['onRefusal', 'refuse', 'onRefusal', '{ kind: refuse }'],
  ['onRefusal', 'queue', 'onRefusal', '{ kind: queue, most: …, patience: … }'],
  ['onRefusal', '{retry: 3}', 'onRefusal.kind', '{ kind: retry, every: …, times: … }'],
];
const SWEEPS: readonly Row[] = [
  ['  policy', '[{name: best-fit}, first-fit]', 'axes.policy[0].name', 'best-fit'],
  ['  policy', 'best-fit', 'axes.policy', '[best-fit]'],
  ['  fleet[0].parent', '[m5.4xlarge]', 'axes["fleet[0].parent"][0]', '{ type: m5.4xlarge }'],
  ['seeds', '5', 'seeds', '{ count: 5 }'],
  ['warmup', '1000', 'warmup', '{ requests: 1000 }'],
  ['warmup', '8h', 'warmup', '{ time: 8h }'],
  ['metrics', 'accepted', 'metrics', '[accepted]'],
  ['metrics', 'acepted', 'metrics', ''],
];

const suggestionsAt = (
  problems: readonly { readonly path: string; readonly suggestion?: string }[],
  path: string,
) => problems.filter((one) => one.path === path).map(({ suggestion = '' }) => suggestion);

/** The right value, but of those that leave something to the author. */
const whole = ([, , , right]: Row) => right !== '' && !right.includes('…');

it.each(FLEETS)('a fleet of `%s: %s`', (...row) => {
  const [key, written, path, right] = row;
  const given = (value: string) => FLEET.replace(new RegExp(`(\\b${key}:).*`), `$1 ${value}`);
  const loaded = loadFleet(given(written), 'x.yaml');
  const told = 'problems' in loaded ? suggestionsAt(loaded.problems, path) : [];
  expect(told).toHaveLength(1);
  if (right === '') expect(told[0]).not.toContain('write');
  else expect(told[0]).toContain(`write \`${right}\``);
  // Whoever follows the advice gets on: what is left to be said is no longer of the form.
  const then = loadFleet(given(right), 'x.yaml');
  const rest = 'problems' in then ? then.problems.map(({ message }) => message) : [];
  const allowed = key === 'arrivals' ? ['nothing says how often requests come'] : [];
  if (whole(row)) expect(rest).toEqual(allowed);
});

it.each(SWEEPS)('a sweep of `%s: %s`', async (key, written, path, right) => {
  const line = new RegExp(`^${key}:.*\n`, 'm');
  const text = `${key}: ${written}\n`;
  const under = key.startsWith(' ') ? /(?<=^axes:\n)/m : /$/;
  const given = line.test(SWEEP) ? SWEEP.replace(line, text) : SWEEP.replace(under, text);
  const loaded = await loadSweep(given, 'x.yaml');
  const told = 'problems' in loaded ? suggestionsAt(loaded.problems, path) : [];
  expect(told).toHaveLength(1);
  if (right === '') expect(told[0]).not.toContain('write');
  else expect(told[0]).toContain(`write \`${right}\``);
});
