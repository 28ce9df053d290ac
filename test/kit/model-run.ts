/**
 * The model-based runner: random command sequences on random hosts, every invariant after every
 * command, and one line that replays a failure.
 *
 * Invariant: a failure is thrown with the seed, fast-check's path, the shape of its host where one was
 * drawn, and the shrunk commands; the same seed and path give the same failure on any machine. What does
 * not fail alone is told as such, with the commands that failed first: shrinking lost its way there.
 * Trade-off: shrinking works on intents, so a shrunk sequence is short rather than minimal.
 */
import fc from 'fast-check';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { noteBefore } from '../../core/invariants/before.js';
import { checkInvariants } from '../../core/invariants/check.js';
import type { Violation } from '../../core/invariants/invariant.js';
import { encodeCommand } from '../../core/journal/codec.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import {
  type FieldChecks,
  mapping,
  optional,
  problemText,
  should,
  text,
} from '../../core/units/field-checks.js';

export interface ModelRun<Intent, Shape = undefined> {
  /** What hosts to draw, one for each sequence, such as `hostShapes()`; without it all are one. */
  readonly shapes?: fc.Arbitrary<Shape>;
  /** A fresh host for each sequence, of the shape that was drawn for it. */
  readonly host: (shape: Shape) => Host;
  /** What to try; see `commandSequences`. */
  readonly intents: fc.Arbitrary<readonly Intent[]>;
  /** The command an intent means on the host as it is now; undefined = none, go on. Only reads. */
  readonly resolve: (host: Host, intent: Intent) => Command | undefined;
  /** More to hold after each command, refused or not: what is wrong, or undefined. */
  readonly check?: (host: Host, command: Command, refusal?: Refusal) => string | undefined;
  /** Breaches to let pass: a platform's named quirk is let pass unless this says otherwise. */
  readonly allow?: (violation: Violation) => boolean;
  /**
   * Commands that the host's platform does not have are meant, and refused as any other may be. Without
   * this the first one fails the run: a model of another platform than its host tests nothing.
   */
  readonly foreignCommands?: true;
}

export interface ModelSettings {
  /** 32-bit; printed by a failure. By default fast-check's global seed, else a fixed one. */
  readonly seed?: number;
  /** fast-check's path to a counterexample, to replay it alone. */
  readonly path?: string;
  /** Sequences to try. */
  readonly runs?: number;
}

export interface ModelReport {
  readonly sequences: number;
  readonly commands: number;
  readonly accepted: number;
  /** Rule id → how often it refused. */
  readonly refusedBy: ReadonlyMap<string, number>;
}

const FIXED_SEED = 20221031;
/** The rule that refuses a command which the host's platform does not have. */
const FOREIGN = 'command-of-profile';

const SETTINGS = mapping({
  seed: optional(should('a 32-bit integer', (value) => value === (Number(value) | 0))),
  path: optional(text),
  runs: optional(
    should('a whole number from 1', (value) => Number.isSafeInteger(value) && Number(value) >= 1),
  ),
} satisfies FieldChecks<ModelSettings>);

/**
 * Runs the model; throws on the first failing sequence, shrunk, and a TypeError for settings that there
 * are not.
 */
export function runModel<Intent, Shape = undefined>(
  model: ModelRun<Intent, Shape>,
  settings: ModelSettings = {},
): ModelReport {
  const wrong = SETTINGS(settings);
  if (wrong.length > 0) {
    throw new TypeError(`settings of runModel: ${wrong.map(problemText).join('; ')}`);
  }
  const { seed, path, runs = 100 } = settings;
  const work = { sequences: 0, commands: 0, accepted: 0, refusedBy: new Map<string, number>() };
  let trail: string[] = [];
  const failures: { first?: Failure; last?: Failure } = {};
  // A model without shapes has hosts that ask for none.
  const shapes = model.shapes ?? fc.constant(undefined as Shape);
  const property = fc.property(shapes, model.intents, (shape, list) => {
    trail = [];
    work.sequences++;
    try {
      runSequence(model, shape, list, work, trail);
    } catch (error) {
      if (fc.PreconditionFailure.isFailure(error)) throw error;
      failures.last = { error, on: model.shapes && fc.stringify(shape), trail };
      failures.first ??= failures.last;
      throw error;
    }
  });
  const found = fc.check(property, {
    numRuns: runs,
    seed: seed ?? fc.readConfigureGlobal().seed ?? FIXED_SEED,
    ...(path === undefined ? {} : { path }),
  });
  if (!found.failed) return work;
  const { first, last } = failures;
  const { seed: drawn, counterexample, counterexamplePath } = found;
  // No sequence failed, but hardly one was tried: `fc.pre` kept out too many.
  if (counterexample === null || first === undefined || last === undefined) {
    throw new Error(fc.defaultReportMessage(found));
  }
  const shrunk = last.trail.join('\n');
  // Twice by itself: what counts its calls may fail the first time by chance.
  const failsAlike = () => property.run(counterexample) !== null && trail.join('\n') === shrunk;
  if (failsAlike() && failsAlike()) {
    throw failureOf(last, `replay: seed ${drawn}, path '${counterexamplePath ?? ''}'`);
  }
  const whole = path === undefined ? 'all sequences from the first on' : `path '${path}'`;
  throw failureOf(first, `${NOT_ALONE}\nreplay: seed ${drawn}, ${whole}`);
}

/** How a sequence failed. */
interface Failure {
  readonly error: unknown;
  /** The shape of its host, as text, where one was drawn. */
  readonly on: string | undefined;
  /** Its commands; the last one is that at which it failed. */
  readonly trail: readonly string[];
}

const NOT_ALONE =
  'it does not fail alone: something keeps state between sequences (make anew in `host` what remembers)';

function failureOf({ error, on, trail }: Failure, replay: string): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const host = on === undefined ? [] : [`on the host ${on}`];
  return new Error(`${[reason, ...host, ...trail].join('\n  ')}\n${replay}`, { cause: error });
}

/** One sequence on a host of its own; `trail` gets its commands, each before it is taken. */
function runSequence<Intent, Shape>(
  model: ModelRun<Intent, Shape>,
  shape: Shape,
  list: readonly Intent[],
  work: Tally,
  trail: string[],
): void {
  const host = model.host(shape);
  for (const intent of list) {
    const command = model.resolve(host, intent);
    if (command === undefined) continue;
    trail.push(encodeCommand(command));
    const breach = breachAfter(model, host, command, work);
    if (breach !== undefined) throw new Error(breach);
  }
}

interface Tally {
  commands: number;
  accepted: number;
  readonly refusedBy: Map<string, number>;
}

/** Takes a command and counts it; what is wrong then, or undefined. */
function breachAfter<Intent, Shape>(
  model: ModelRun<Intent, Shape>,
  host: Host,
  command: Command,
  work: Tally,
): string | undefined {
  const before = noteBefore(host, command);
  const { refusal } = runInPlace(host, command);
  work.commands++;
  if (refusal === undefined) work.accepted++;
  else work.refusedBy.set(refusal.rule, (work.refusedBy.get(refusal.rule) ?? 0) + 1);
  const allowed = model.allow ?? (({ quirk }: Violation) => quirk !== undefined);
  if (refusal?.rule === FOREIGN && model.foreignCommands !== true) {
    return `${FOREIGN}: ${refusal.message}. ${refusal.remedy} (foreignCommands: true lets it pass)`;
  }
  const breach = checkInvariants(host, before).find((one) => !allowed(one));
  return breach === undefined
    ? model.check?.(host, command, refusal)
    : `${breach.invariant}: ${breach.message}`;
}
