/**
 * Everyone who takes part in a race: a process per racer, a process per native twin.
 *
 * Invariant: the floor always runs, on both sides, so that it can be subtracted. Trade-off: a missing
 * compiler leaves a note and a field without native entrants.
 */
import { type Contestant, NativeProcess, RacerProcess } from './contestant.js';
import { buildNative, hasNative, type NativePolicy } from './native-build.js';
import { type RacerName, racerEntry } from './racers/racers.js';

export interface Field {
  readonly racers: readonly RacerProcess[];
  readonly natives: ReadonlyMap<NativePolicy, NativeProcess>;
  /** Why something is missing. */
  readonly notes: readonly string[];
}

export async function startField(names: readonly RacerName[]): Promise<Field> {
  const wanted: RacerName[] = ['floor', ...names.filter((name) => name !== 'floor')];
  const racers: RacerProcess[] = [];
  for (const name of wanted) racers.push(await RacerProcess.start(name));
  const natives = new Map<NativePolicy, NativeProcess>();
  const notes = new Set<string>();
  for (const policy of names.filter(hasNative)) {
    const built = buildNative(policy);
    if ('skipped' in built) notes.add(built.skipped);
    else natives.set(policy, new NativeProcess(nativeName(policy), built.program));
  }
  return { racers, natives, notes: [...notes] };
}

export function endField({ racers, natives }: Field): void {
  for (const racer of racers) racer.end();
  for (const native of natives.values()) native.end();
}

/** Those that can race on a node of this many frames, the floor first. */
export function entrants({ racers, natives }: Field, frames: number): Contestant[] {
  const able = racers.filter(
    ({ name }) => racerEntry(name).powerOfTwo !== true || Number.isInteger(Math.log2(frames)),
  );
  return [...able, ...natives.values()];
}

export function nativeName(policy: NativePolicy): string {
  return `native ${policy}`;
}
