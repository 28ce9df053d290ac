/**
 * Which commands of a platform the scopes of a run tried, and which they did not.
 *
 * A command that no scope tries could do anything and no search would see it. Invariant: the commands are
 * those that the platform's profile has steps for, each told once. Trade-off: as of rules (rules-met): of a
 * platform is told what the scopes of this run tried; what none tries, and why, is a list of the explorer's.
 */
import { whyNotTried } from '../../core/explore/commands-not-tried.js';
import type { Scope } from '../../core/explore/scope.js';
import type { CommandKind } from '../../core/host/command.js';
import type { PlatformId, Profile } from '../../core/platform/profile.js';
import { coverageOf, leftToOthers } from './coverage.js';
import type { ScopeRun } from './run-scope.js';

export interface CommandsTried {
  readonly platform: PlatformId;
  readonly commands: number;
  readonly tried: readonly CommandKind[];
  readonly notTried: readonly NotTried[];
}

export interface NotTried {
  readonly command: CommandKind;
  /** Why no small scope tries it; absent = one does, though none of this run. */
  readonly why?: string;
}

/** Kinds of command that a profile has steps for, in the order of its table. */
export function commandKinds({ steps }: Profile): CommandKind[] {
  return Object.keys(steps) as CommandKind[];
}

/** By platform, in the order of the runs. */
export function commandsTried(
  runs: readonly Pick<ScopeRun, 'platform' | 'commandsTried'>[],
  scopes: readonly Scope[],
): CommandsTried[] {
  return coverageOf(runs, scopes, commandKinds, (run) => run.commandsTried).map(
    ({ platform, all, covered, left }) => ({
      platform,
      commands: all.length,
      tried: covered,
      notTried: left.map(notTried),
    }),
  );
}

function notTried(command: CommandKind): NotTried {
  const why = whyNotTried(command);
  return { command, ...(why === undefined ? {} : { why }) };
}

/** A line for a platform; what no scope tries is named with its reason. */
export function commandsLine({
  platform,
  commands,
  tried,
  notTried: missed,
}: CommandsTried): string {
  const never = missed.flatMap(({ command, why }) =>
    why === undefined ? [] : `${command}: ${why}`,
  );
  const left = missed.flatMap(({ command, why }) => (why === undefined ? command : []));
  return [
    `${platform}: ${tried.length} of ${commands} commands tried`,
    ...(never.length === 0 ? [] : [`in no scope ${never.join(', ')}`]),
    ...leftToOthers(left),
  ].join('; ');
}
