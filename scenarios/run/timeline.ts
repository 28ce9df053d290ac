/**
 * What happened, entry by entry, and the verdict over all of it.
 *
 * Invariant: an entry is written from the outcome alone; `ok` is false exactly when it carries a
 * refusal.
 */

import type { Command } from '../../core/host/command.js';
import { canonicalJson } from '../../core/journal/codec.js';
import { counted } from '../../core/units/counted.js';
import { formatMib } from '../../core/units/size.js';
import type {
  EnclavePicture,
  ExpectationResult,
  TimelineEntry,
  TimelineKind,
  Verdict,
  ViolationRecord,
} from '../../reports/record.js';
import { refusedSteps } from '../../reports/refused-steps.js';
import { type AtTheEnd, notRunning } from './at-the-end.js';
import type {
  LaunchAsk,
  Launched,
  LaunchOutcome,
  ProgramEnd,
  Refused,
  Reserved,
} from './surface.js';

type Outcome = LaunchOutcome | Reserved | Refused | undefined;

export function entryOf(
  at: number,
  kind: TimelineKind,
  name: string | undefined,
  text: string,
  outcome: Outcome,
): TimelineEntry {
  const named = { at, kind, text, ...(name === undefined ? {} : { name }) };
  if (outcome === undefined) return { ...named, ok: true };
  const head = { ...named, ...endOf(outcome) };
  if (!outcome.ok) {
    const { refusal, stage, leftBehind } = outcome;
    const left = leftBehind.length > 0 ? { leftBehind } : {};
    return { ...head, ok: false, refusal, stage, ...left };
  }
  return 'uid' in outcome
    ? { ...head, ok: true, enclave: pictureOf(outcome) }
    : { ...head, ok: true };
}

function endOf({ status, printed, attempts }: ProgramEnd): ProgramEnd {
  return {
    ...(status === undefined ? {} : { status }),
    ...(printed === undefined || printed.length === 0 ? {} : { printed }),
    ...(attempts === undefined || attempts.length === 0 ? {} : { attempts }),
  };
}

function pictureOf(launched: Launched): EnclavePicture {
  const { id, cid, node, cpus, askedMib, memoryMib, pages } = launched;
  return { id, cid, node, cpus, askedMib, memoryMib, pages };
}

/** "2 vCPUs, 512 MiB, 5 MiB image", with what was left to defaults unsaid. */
export function describeAsk({ vcpus, cpuIds, memoryMib, image, cid }: LaunchAsk): string {
  const parts: string[] = [];
  if (cpuIds !== undefined) parts.push(`CPUs ${cpuIds.join(',')}`);
  if (vcpus !== undefined) parts.push(counted(vcpus, 'vCPU'));
  if (memoryMib !== undefined) parts.push(formatMib(memoryMib));
  if (cid !== undefined) parts.push(`CID ${cid}`);
  parts.push(`${formatMib(Math.ceil(image.bytes / 1_048_576))} image`);
  return parts.join(', ');
}

/** "nitro.poll slot=1": a command with its fields in alphabetical order. */
export function describeCommand(command: Command): string {
  const { kind, ...fields } = command;
  const words = Object.entries(fields).map(([key, value]) => `${key}=${canonicalJson(value)}`);
  return [kind, ...words.sort()].join(' ');
}

/** One line over the run; ok = every expectation met, no invariant broken but by a named quirk. */
export function verdictOf(
  timeline: readonly TimelineEntry[],
  end: AtTheEnd,
  expectations: readonly ExpectationResult[],
  violations: readonly ViolationRecord[],
): Verdict {
  const launches = timeline.filter(({ kind }) => kind === 'launch');
  const launched = launches.filter(({ ok }) => ok).length;
  const refused = timeline.filter(({ ok }) => !ok).length;
  const unmet = expectations.filter(({ met }) => !met).length;
  const byQuirk = violations.filter(({ quirk }) => quirk !== undefined).length;
  const broken = violations.length - byQuirk;
  const ok = unmet === 0 && broken === 0;
  const reserved = timeline.filter(({ kind, ok: made }) => kind === 'reserve' && made).length;
  const steps = refusedSteps(timeline);
  const parts =
    launches.length > 0
      ? [
          ...steps,
          `${launched} of ${launches.length} ${launches.length === 1 ? 'launch' : 'launches'} ran`,
          `${end.running} running at the end`,
        ]
      : [`no launch, ${counted(reserved, 'reservation')} made`, ...steps];
  parts.push(...notRunning(end));
  if (launches.length > launched) parts.push(`${launches.length - launched} refused`);
  if (expectations.length > 0) {
    parts.push(
      `${expectations.length - unmet} of ${counted(expectations.length, 'expectation')} met`,
    );
  }
  if (broken > 0) parts.push(counted(broken, 'isolation violation'));
  if (byQuirk > 0) parts.push(`${byQuirk} left by quirks of the real platform`);
  const { running } = end;
  return { ok, text: parts.join(', '), launches: launches.length, launched, refused, running };
}
