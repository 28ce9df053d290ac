/**
 * A run under audit: every command is followed by every invariant.
 *
 * Invariant: the first breach that no named quirk explains stops the run and is thrown with the
 * command that caused it; breaches by a quirk are counted, so that a test can demand them. What the
 * run reached is counted too: a run that never had two enclaves has shown nothing.
 */
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { noteBefore } from '../../core/invariants/before.js';
import { checkInvariants, sceneOf } from '../../core/invariants/check.js';
import type { Violation } from '../../core/invariants/invariant.js';
import { REACHED } from '../../core/invariants/reached.js';
import type { Intent, Resolve } from './intents.js';

export interface Audit {
  commands: number;
  accepted: number;
  /** Ids of the `sometimes` properties reached. */
  readonly reached: Set<string>;
  /** Ids of the rules that refused something. */
  readonly refusedBy: Set<string>;
  /** How often each quirk's breach was seen. */
  readonly quirks: Map<string, number>;
}

export function newAudit(): Audit {
  return {
    commands: 0,
    accepted: 0,
    reached: new Set(),
    refusedBy: new Set(),
    quirks: new Map(),
  };
}

/**
 * Runs intents in place on `host` and adds to `audit`. `explain` names the quirk behind a breach that
 * carries none; without it such a breach throws.
 */
export function auditedRun<Choice extends string>(
  host: Host,
  list: readonly Intent<Choice>[],
  resolve: Resolve<Choice>,
  audit: Audit,
  explain: (violation: Violation) => string | undefined = () => undefined,
): void {
  for (const intent of list) {
    const command = resolve(host, intent);
    const before = noteBefore(host, command);
    const { refusal } = runInPlace(host, command);
    audit.commands++;
    if (refusal === undefined) audit.accepted++;
    else audit.refusedBy.add(refusal.rule);
    for (const violation of checkInvariants(host, before)) {
      const quirk = violation.quirk ?? explain(violation);
      if (quirk === undefined) {
        throw new Error(`${violation.invariant}: ${violation.message}; after ${show(command)}`);
      }
      audit.quirks.set(quirk, (audit.quirks.get(quirk) ?? 0) + 1);
    }
    if (audit.reached.size === REACHED.length) continue;
    const scene = sceneOf(host, before);
    for (const { id, reached } of REACHED) if (reached(scene)) audit.reached.add(id);
  }
}

/** A command as text; big numbers keep their digits. */
export function show(command: Command): string {
  return JSON.stringify(command, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}
