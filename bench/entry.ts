/**
 * What a race says of one entrant, made of the times and places seen in its heats.
 *
 * Invariant: a net time has the floor of its own side (JavaScript or native) and of the same operations
 * subtracted, median from median and minimum from minimum, and is the mean over the heats, one for each seed.
 * Who was timed over a window only has no figures of the whole trace, neither times nor quality.
 * Trade-off: spreads are over the replays of all seeds together, since what they show is disturbance.
 */
import type { Window } from './contestant.js';
import type { Verdict } from './judge.js';
import { type RacerEntry, type RacerName, racerEntry } from './racers/racers.js';
import { mean, median, type Spread, spreadOf, steadiness } from './statistics.js';

export type Group = 'ours' | 'native' | 'npm' | 'naive';

export interface NetTime {
  /** Mean over the seeds of (median − floor's median). */
  readonly netNs: number;
  /** The same of minima: what a busy machine disturbs least. */
  readonly netMinimumNs: number;
}

export interface Entry extends NetTime {
  readonly name: string;
  readonly group: Group;
  /** Nanoseconds per operation of each replay, floor included. */
  readonly ns: Spread;
  /** The spread of `ns` is above a half. */
  readonly unsteady?: true;
  /** Operations of one timed replay. */
  readonly operations: number;
  /** Timed replays of each trace. */
  readonly replays: number;
  /** Of one for whom a whole replay takes too long: these operations of each trace were timed, no others. */
  readonly window?: Window;
  /** Beside one who has a window: the net time of the same operations. */
  readonly overWindow?: NetTime;
  /** Means over the seeds; counts are sums. Absent for the native entrants, and for those with a window. */
  readonly quality?: Verdict;
  /** Of one with a window: of the operations up to its end, not of the whole trace. */
  readonly qualityUpToWindow?: Verdict;
  /** The native twin chose the very same places. */
  readonly sameChoices?: boolean;
  /** Single operations, ours only; the clock's cost (the floor's median) subtracted. */
  readonly singles?: Spread;
  readonly bytes: number;
  readonly bytesPerExtent: number;
}

/** Nanoseconds per operation of the replays of one trace. */
export interface Laps {
  /** By entrant; the JavaScript floor is one of them. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  readonly nativeFloor: readonly number[];
}

/** What was seen of one racer on one trace besides its times. */
export interface Seen {
  readonly quality: Verdict;
  readonly bytes: number;
  readonly bytesPerExtent: number;
  readonly sameChoices?: boolean;
  readonly singles?: Spread;
}

/** Everyone on one trace. */
export interface Heat {
  readonly frames: number;
  readonly operations: number;
  readonly whole: Laps;
  /** Present where someone cannot replay the whole trace: he and those he is compared with. */
  readonly part?: Laps & { readonly window: Window };
  readonly seen: ReadonlyMap<string, Seen>;
}

/** All heats have the same entrants and the same window. */
export function entryOf(name: string, heats: readonly Heat[]): Entry {
  const parts = heats.flatMap(({ part }) => part ?? []);
  const isWindowed = heats.every(({ whole }) => lapsOf(name, whole).length === 0);
  const laps: readonly Laps[] = isWindowed ? parts : heats.map(({ whole }) => whole);
  const window = isWindowed ? parts[0]?.window : undefined;
  const isBeside = !isWindowed && parts.some((part) => lapsOf(name, part).length > 0);
  const seen = heats.flatMap((heat) => heat.seen.get(name) ?? []);
  const singles = seen.flatMap((one) => one.singles ?? []);
  const choices = seen.flatMap(({ sameChoices }) => sameChoices ?? []);
  const quality = seen.length === 0 ? undefined : joined(seen.map((one) => one.quality));
  const ns = spreadOf(laps.flatMap((one) => lapsOf(name, one)));
  return {
    name,
    group: groupOf(name),
    ns,
    ...steadiness(ns),
    ...netTime(name, laps),
    operations: window === undefined ? heats[0].operations : window.operations - window.from,
    replays: Math.min(...laps.map((one) => lapsOf(name, one).length)),
    ...(window === undefined ? {} : { window }),
    ...(isBeside ? { overWindow: netTime(name, parts) } : {}),
    ...(quality === undefined ? {} : { [isWindowed ? 'qualityUpToWindow' : 'quality']: quality }),
    ...(choices.length === 0 ? {} : { sameChoices: choices.every((same) => same) }),
    ...(singles.length === 0 ? {} : { singles: meanSpread(singles) }),
    bytes: Math.max(0, ...seen.map(({ bytes }) => bytes)),
    bytesPerExtent: Math.max(0, ...seen.map(({ bytesPerExtent }) => bytesPerExtent)),
  };
}

/** What `ours` takes for the operations that `theirs` was timed on. */
export function netOver(theirs: Entry | undefined, ours: Entry | undefined): number | undefined {
  return theirs?.window === undefined ? ours?.netNs : ours?.overWindow?.netNs;
}

function lapsOf(name: string, { times }: Laps): readonly number[] {
  return times.get(name) ?? [];
}

function netTime(name: string, laps: readonly Laps[]): NetTime {
  const isNative = groupOf(name) === 'native';
  const net = (of: (times: readonly number[]) => number) =>
    mean(
      laps.map((one) => {
        const floor = isNative ? one.nativeFloor : lapsOf('floor', one);
        return of(lapsOf(name, one)) - of(floor);
      }),
    );
  return { netNs: net(median), netMinimumNs: net((times) => Math.min(...times)) };
}

export function groupOf(name: string): Group {
  const entry: RacerEntry | undefined = name.startsWith('native ')
    ? undefined
    : racerEntry(name as RacerName);
  return entry === undefined ? 'native' : (entry.peer ?? 'ours');
}

function joined(verdicts: readonly Verdict[]): Verdict {
  const sum = (of: (verdict: Verdict) => number) =>
    verdicts.reduce((total, verdict) => total + of(verdict), 0);
  const isBounded = verdicts.every(({ probesBacked }) => probesBacked !== null);
  const breach = verdicts.find((verdict) => verdict.breach !== undefined)?.breach;
  return {
    requests: sum((v) => v.requests),
    acceptedRequests: sum((v) => v.acceptedRequests),
    requestedFrames: sum((v) => v.requestedFrames),
    acceptedFrames: sum((v) => v.acceptedFrames),
    probes: sum((v) => v.probes),
    probesServed: sum((v) => v.probesServed),
    probesBacked: isBounded ? sum((v) => v.probesBacked ?? 0) : null,
    unusable1G: mean(verdicts.map((v) => v.unusable1G)),
    falseRefusals: sum((v) => v.falseRefusals),
    valid: verdicts.every((v) => v.valid),
    ...(breach === undefined ? {} : { breach }),
  };
}

function meanSpread(spreads: readonly Spread[]): Spread {
  const of = (key: keyof Spread) => mean(spreads.map((spread) => spread[key]));
  return {
    minimum: of('minimum'),
    median: of('median'),
    p99: of('p99'),
    p999: of('p999'),
    spread: of('spread'),
  };
}
