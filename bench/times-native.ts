/**
 * Why ours takes as many times the native build as it does: what each part of it costs, as far as parts
 * were taken away from ours or laid on the bare search.
 *
 * Invariant: every figure is of this run. Trade-off: parts are told one after the other, in one order;
 * two that hide behind each other in a processor come to less together.
 */
import type { Limits } from './limits.js';
import { entryOf, LIMITS, netTold, whole } from './reasons.js';
import type { Results } from './targets.js';

type NativePolicy = 'granule-aware' | 'best-fit';

/** Ours takes too many times what the native build does. */
export function whyTimesNative(results: Results, policy: NativePolicy): string {
  const { limits } = results;
  const ours = limits?.steps.find(({ name }) => name === policy);
  const twin = limits?.steps.find(({ name }) => name === `native ${policy}`);
  if (ours === undefined || twin === undefined) {
    const times = [policy, `native ${policy}`].map((name) =>
      netTold(entryOf(results, 'a90', name)),
    );
    return `ours takes ${times[0]}, the C twin ${times[1]}; ${LIMITS}`;
  }
  const uninlined = timesTold(limits, `native ${policy}, without inlining`);
  const inlining = timesTold(limits, `${policy}, V8 inlining more`);
  return [
    ...bareTold(limits, policy),
    `Ours executes ${whole(ours.instructions)} instructions an operation with the replay loop, the twin`,
    `${whole(twin.instructions)} with its own`,
    `(${(ours.instructions / twin.instructions).toFixed(1)} times as many);`,
    `${whole(ours.checks)} of ours are checks that never fail, ${whole(twin.checks)} of the twin's.`,
    `The twin without inlining takes ${uninlined}, ours with V8 inlining more ${inlining} x native`,
  ].join(' ');
}

/** What each part of what ours does besides costs, as far as parts were taken away. */
function partsTold(limits: Limits | undefined, policy: NativePolicy, bare: number): string {
  const all = ['', ', by records', ', by records in one block'].map((part) =>
    timesNative(limits, policy + part),
  );
  const burdened = [', checked', ', in a field', ', counted in a field'].map((part) =>
    timesNative(limits, `bare ${policy}${part}`),
  );
  const [ours, records, oneBlock] = all;
  const [checked, field, counted] = burdened;
  if ([...all, ...burdened].includes(undefined)) {
    return ' (handles, checks, counts, lookups by address, memory that grows)';
  }
  const cost = (from = 0, to = 0) => (from - to).toFixed(2);
  return [
    ` (a bare search whose every index is checked takes ${cost(checked, bare)} more, with its array in a field,`,
    `as an array that grows must be, another ${cost(field, checked)}, with our counts ${cost(counted, field)};`,
    `of ours, handles with generations and checks of what is asked take ${cost(ours, records)}, lookups by address`,
    `${cost(records, oneBlock)}; not told apart: ${cost(oneBlock, counted)})`,
  ].join(' ');
}

/** What of it is the language, and what is all that a bare search does without; nothing unless measured. */
function bareTold(limits: Limits | undefined, policy: NativePolicy): string[] {
  const all = [policy, `bare ${policy}`, `native ${policy}, bare`].map((name) =>
    timesNative(limits, name),
  );
  const [ours, bare, bareC] = all;
  if (ours === undefined || bare === undefined || bareC === undefined) return [];
  const besides = ours - bare;
  const wasm = [`wasm ${policy}`, `wasm ${policy}, one call`].map((name) =>
    timesNative(limits, name),
  );
  const [each, once] = wasm;
  return [
    `by the minima of the tables ours takes ${ours.toFixed(2)} x native; the same choices with nothing else`,
    `take ${bare.toFixed(2)} x in JavaScript and ${bareC.toFixed(2)} x in C: so ${besides.toFixed(2)} of it is`,
    `what ours does besides${partsTold(limits, policy, bare)}, and the`,
    `language is ${(bare / bareC).toFixed(2)} times C;`,
    each === undefined || once === undefined
      ? 'the twin as WebAssembly was not built.'
      : `the twin as WebAssembly takes ${each.toFixed(2)} x called for each operation, ${once.toFixed(2)} x in one call.`,
  ];
}

function timesNative(limits: Limits | undefined, name: string): number | undefined {
  return limits?.times.find((time) => time.name === name)?.timesNative;
}

function timesTold(limits: Limits | undefined, name: string): string {
  return timesNative(limits, name)?.toFixed(2) ?? 'unknown';
}
