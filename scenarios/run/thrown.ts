/**
 * A throw of the simulator while a scenario runs, with the place in the file that it came of.
 *
 * What a scenario asks for is refused, never thrown, so a throw is a fault of the program; who reports it
 * needs the command and the line. Invariant: the thrown error stays the cause, with its own stack.
 * Trade-off: of churn the place is the whole of it; the number of the command tells which one.
 */
import type { Command } from '../../core/host/command.js';
import type { Finding } from '../schema/problem.js';

/** What a command is in the middle of. */
export interface Doing {
  readonly what: 'carrying out' | 'auditing';
  /** From 1. */
  readonly number: number;
  readonly kind: Command['kind'];
}

export class ThrownInRun extends Error {
  readonly finding: Finding;

  /**
   * @param path the item of the scenario
   * @param doing undefined = between commands
   */
  constructor(path: Finding['path'], doing: Doing | undefined, platform: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `${wordsOf(doing)} throws on ${platform}: ${why}`;
    super(message, { cause });
    this.finding = { path, message };
  }
}

function wordsOf(doing: Doing | undefined): string {
  if (doing === undefined) return 'it';
  const { what, number, kind } = doing;
  return `${what} command ${number}, ${kind},`;
}
