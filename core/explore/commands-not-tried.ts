/**
 * The commands that no small scope tries, and why.
 *
 * Invariant: a command of a platform is here or is tried in some small scope, never both; a test counts.
 * So a command that is new is asked about. Trade-off: tried once, with one argument, is tried.
 */
import type { CommandKind } from '../host/command.js';

const REASONS: Readonly<Partial<Record<CommandKind, string>>> = {
  'nitro.map-foreign': 'it maps recorded runs that are of no store, so that they are nobody’s',
};

/** Why no small scope tries a command; undefined = one does. */
export function whyNotTried(command: CommandKind): string | undefined {
  return REASONS[command];
}
