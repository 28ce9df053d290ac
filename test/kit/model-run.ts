/**
 * The model-based runner: random command sequences on random hosts, every invariant after every
 * command, a naive twin beside the platforms that have one, and one line that replays a failure.
 *
 * Invariant: a failure is thrown with the seed, fast-check's path and the shrunk commands; the same
 * seed and path give the same failure on any machine. Trade-off: shrinking works on intents, so a
 * shrunk sequence is short rather than minimal.
 */
import fc from 'fast-check';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { noteBefore } from '../../core/invariants/before.js';
import { checkInvariants } from '../../core/invariants/check.js';
import type { Violation } from '../../core/invariants/invariant.js';
import { encodeCommand } from '../../core/journal/codec.js';

export interface ModelRun<Intent> {
  /** A fresh host for each sequence. */
  readonly host: () => Host;
  /** What to try; see `commandSequences`. */
  readonly intents: fc.Arbitrary<readonly Intent[]>;
  /** The command an intent means on the host as it is now; undefined = none, go on. Only reads. */
  readonly resolve: (host: Host, intent: Intent) => Command | undefined;
  /** More to hold after each command: what is wrong, or undefined. */
  readonly check?: (host: Host, command: Command) => string | undefined;
  /** Breaches to let pass: a platform's named quirk is let pass unless this says otherwise. */
  readonly allow?: (violation: Violation) => boolean;
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

/** Runs the model; throws on the first failing sequence, shrunk. */
export function runModel<Intent>(
  model: ModelRun<Intent>,
  { seed, path, runs = 100 }: ModelSettings = {},
): ModelReport {
  const work = { sequences: 0, commands: 0, accepted: 0, refusedBy: new Map<string, number>() };
  let trail: string[] = [];
  const property = fc.property(model.intents, (list) => {
    trail = [];
    work.sequences++;
    const host = model.host();
    for (const intent of list) {
      const command = model.resolve(host, intent);
      if (command === undefined) continue;
      trail.push(encodeCommand(command));
      const before = noteBefore(host, command);
      const { refusal } = runInPlace(host, command);
      work.commands++;
      if (refusal === undefined) work.accepted++;
      else work.refusedBy.set(refusal.rule, (work.refusedBy.get(refusal.rule) ?? 0) + 1);
      const breach = checkInvariants(host, before).find((one) => !allowed(model, one));
      const wrong =
        breach === undefined
          ? model.check?.(host, command)
          : `${breach.invariant}: ${breach.message}`;
      if (wrong !== undefined) throw new Error(wrong);
    }
  });
  const settings = {
    numRuns: runs,
    seed: seed ?? fc.readConfigureGlobal().seed ?? FIXED_SEED,
    ...(path === undefined ? {} : { path }),
  };
  const found = fc.check(property, settings);
  if (found.failed) {
    // Once more on the shrunk sequence, so that the trail is its own.
    const [shrunk] = found.counterexample ?? [[]];
    const reason = failureOf(() => property.run([shrunk]), found.errorInstance);
    throw new Error(
      `${reason}\n  ${trail.join('\n  ')}\n` +
        `replay: seed ${found.seed}, path '${found.counterexamplePath ?? ''}'`,
    );
  }
  return work;
}

function allowed<Intent>({ allow }: ModelRun<Intent>, violation: Violation): boolean {
  return allow === undefined ? violation.quirk !== undefined : allow(violation);
}

function failureOf(again: () => unknown, first: unknown): string {
  again();
  return first instanceof Error ? first.message : String(first);
}
