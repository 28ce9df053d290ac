/**
 * `npm run bench:trace -- FILE.bin [--policy NAME] [--json]`: replays any trace file under one policy; with
 * `--write WORKLOAD` it writes one instead (`write-trace`).
 *
 * Prints one JSON object, on one line with --json, else indented. Shares (acceptedRequests,
 * acceptedVolume, probesServed, unusable1G) lie in 0 … 1; `counts` has what they are shares of. A share of
 * nothing is null: probesServed where the trace has no probe. counts.probesBacked, how many probes the
 * free memory would serve in one piece, is null where anything but probes follows the first one. Times
 * are nanoseconds of processor time per operation, floor included. Exit codes: 0 ok · 1 an unlawful place, or a false
 * refusal of a policy of ours · 2 the input is wrong.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { argumentProblem, fileProblem } from './arguments.js';
import { NativeProcess, RacerProcess } from './contestant.js';
import { judge, type Verdict } from './judge.js';
import { type Built, buildNative, hasNative } from './native-build.js';
import { isRacerName, RACERS, type RacerName, racerEntry } from './racers/racers.js';
import { takeTurns } from './rounds.js';
import { median } from './statistics.js';
import { decodeTrace, type Trace } from './trace-file.js';
import { writeTrace } from './write-trace.js';

const REPLAYS = 11;
const WARM_UPS = 2;
const DEFAULT_POLICY = 'granule-aware';

interface Times {
  readonly median: number;
  readonly minimum: number;
}

export interface TraceResult {
  readonly policy: string;
  readonly operations: number;
  readonly nsPerOp: Times;
  readonly floorNs: number;
  /** The same algorithm in C; null when there is none, or no compiler: see nativeNote. */
  readonly nativeNsPerOp: Times | null;
  readonly nativeFloorNs: number | null;
  /** Why nativeNsPerOp is null; null where it is not. */
  readonly nativeNote: string | null;
  /** Places of the native twin and ours are the same; null when there is no twin. */
  readonly nativeSameChoices: boolean | null;
  readonly acceptedRequests: number | null;
  readonly acceptedVolume: number | null;
  readonly probesServed: number | null;
  readonly unusable1G: number;
  readonly bytes: number;
  readonly valid: boolean;
  readonly falseRefusals: number;
  readonly counts: Omit<Verdict, 'unusable1G' | 'falseRefusals' | 'valid' | 'breach'>;
}

export interface TraceOutcome {
  readonly exitCode: 0 | 1 | 2;
  readonly out: string;
  readonly err: string;
}

/** Runs the command on its arguments; prints nothing itself. */
export async function traceCommand(args: readonly string[]): Promise<TraceOutcome> {
  const parsed = parse(args);
  if (parsed === 'help') return { exitCode: 0, out: `${USAGE}\n`, err: '' };
  if ('problem' in parsed) return wrong(`${parsed.problem}\n${USAGE}`);
  const { file, policy = DEFAULT_POLICY, json, write } = parsed;
  if (write !== undefined) {
    const written = writeTrace({ ...parsed, workload: write });
    if ('problem' in written) return wrong(written.problem);
    return { exitCode: 0, out: `${written.told}\n`, err: '' };
  }
  if (!isRacerName(policy) || policy === 'floor') {
    const known = Object.keys(RACERS).filter((name) => name !== 'floor');
    return wrong(`no policy "${policy}"; known: ${known.join(', ')}`);
  }
  const read = readTrace(file);
  if (typeof read === 'string') return wrong(`${file}: ${read}`);
  const racer = racerEntry(policy);
  if (racer.powerOfTwo === true && !Number.isInteger(Math.log2(read.frames))) {
    return wrong(`${policy} needs a node of a power of two frames, not ${read.frames}`);
  }
  const { result, verdict, note } = await measure(policy, resolve(file), read);
  // Buddies and foreign allocators may refuse what would fit; our own must not.
  const isOurs = racer.peer === undefined && racer.heldFrames === undefined;
  const refusedFalsely = isOurs && verdict.falseRefusals > 0;
  const lawful = verdict.valid && !refusedFalsely;
  const why = verdict.breach ?? `${verdict.falseRefusals} refusals although a place existed`;
  return {
    exitCode: lawful ? 0 : 1,
    out: `${JSON.stringify(result, null, json === true ? 0 : 2)}\n`,
    err: `${note}${lawful ? '' : `bench:trace: ${why}\n`}`,
  };
}

const USAGE =
  'npm run bench:trace -- FILE.bin [--policy NAME] [--json], or FILE.bin --write WORKLOAD [--seed N] [--operations N]';

const OPTIONS = {
  help: { type: 'boolean' },
  policy: { type: 'string' },
  json: { type: 'boolean' },
  write: { type: 'string' },
  seed: { type: 'string' },
  operations: { type: 'string' },
} as const;

function readOptions(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

/** The file and the options as they are given, or what is wrong with them. */
function parse(args: readonly string[]) {
  let read: ReturnType<typeof readOptions>;
  try {
    read = readOptions(args);
  } catch (error) {
    return { problem: argumentProblem(error) };
  }
  const { values, positionals } = read;
  if (values.help === true) return 'help';
  const [file, another] = positionals;
  if (file === undefined) return { problem: 'which trace?' };
  if (another !== undefined) return { problem: `one trace file at a time, not ${another} too` };
  const stray =
    values.write === undefined
      ? { seed: values.seed, operations: values.operations }
      : { policy: values.policy, json: values.json };
  const [beside] = Object.entries(stray).find(([, value]) => value !== undefined) ?? [];
  if (beside === undefined) return { file, ...values };
  const which = values.write === undefined ? 'without' : 'beside';
  return { problem: `--${beside} says nothing ${which} --write` };
}

/** The trace, or what is wrong with the file. */
function readTrace(file: string): Trace | string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return fileProblem(error);
  }
  const decoded = decodeTrace(bytes);
  return 'problem' in decoded ? decoded.problem : decoded.trace;
}

function wrong(message: string): TraceOutcome {
  return { exitCode: 2, out: '', err: `bench:trace: ${message}\n` };
}

/** Ours, the floor and the native twin replay in turns, each in a process of its own. */
async function measure(
  policy: RacerName,
  file: string,
  trace: Trace,
): Promise<{ readonly result: TraceResult; readonly verdict: Verdict; readonly note: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'hypercarve-trace-'));
  const built: Built = hasNative(policy)
    ? buildNative(policy)
    : { skipped: `no native twin of ${policy}` };
  const native = 'program' in built ? new NativeProcess('native', built.program) : null;
  const nativeNote = 'skipped' in built ? built.skipped : null;
  // What the machine lacks is said aloud; that there is no twin is no news to who asked for the policy.
  const isMissing = nativeNote !== null && hasNative(policy);
  const note = isMissing ? `bench:trace: ${nativeNote}: nativeNsPerOp is null\n` : '';
  const racer = await RacerProcess.start(policy);
  const floor = await RacerProcess.start('floor');
  try {
    const all = native === null ? [racer, floor] : [racer, floor, native];
    for (const one of all) await one.load(file);
    const times = new Map<string, number[]>(all.map(({ name }) => [name, []]));
    const nativeFloors: number[] = [];
    const whole = { operations: trace.operations, from: 0 };
    await takeTurns(all, { warmUps: WARM_UPS, counted: REPLAYS }, async (one, round) => {
      const ns = await one.replayNs(whole);
      if (round < 0) return;
      times.get(one.name)?.push(ns / trace.operations);
      if (one instanceof NativeProcess) {
        nativeFloors.push((await one.floorNs(whole)) / trace.operations);
      }
    });
    const kept = join(folder, 'places');
    const { bytes } = await racer.places(trace.operations, kept);
    const places = readPlaces(kept);
    const verdict = judge(trace, places, racerEntry(policy));
    await native?.places(kept);
    const theirs = native === null ? null : readPlaces(kept);
    const result = {
      policy,
      operations: trace.operations,
      nsPerOp: timesOf(times.get(policy) ?? []),
      floorNs: median(times.get('floor') ?? []),
      nativeNsPerOp: native === null ? null : timesOf(times.get('native') ?? []),
      nativeFloorNs: native === null ? null : median(nativeFloors),
      nativeNote,
      nativeSameChoices: theirs?.every((place, i) => place === places[i]) ?? null,
      ...shares(verdict),
      bytes,
    };
    return { result, verdict, note };
  } finally {
    racer.end();
    floor.end();
    native?.end();
    rmSync(folder, { recursive: true });
  }
}

function timesOf(ns: readonly number[]): Times {
  return { median: median(ns), minimum: Math.min(...ns) };
}

function readPlaces(file: string): Int32Array {
  const bytes = readFileSync(file);
  return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function shares(verdict: Verdict) {
  const { unusable1G, falseRefusals, valid, breach: _, ...counts } = verdict;
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    acceptedRequests: share(counts.acceptedRequests, counts.requests),
    acceptedVolume: share(counts.acceptedFrames, counts.requestedFrames),
    probesServed: share(counts.probesServed, counts.probes),
    unusable1G,
    valid,
    falseRefusals,
    counts,
  };
}
