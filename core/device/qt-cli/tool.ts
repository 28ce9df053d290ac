/**
 * What the `qt` tool knows beside the host: the process behind each enclave; and what a command ends
 * with.
 *
 * Invariant: every live enclave that the tool started has one process id, never used before.
 * Trade-off: exit status and the words on standard error are not published; 1 and the refusal's own
 * message stand in, and are a declared choice.
 */
import type { Refusal } from '../../refusal/refusal.js';

export interface QtTool {
  /** EnclaveID → process id. */
  readonly processes: Map<number, number>;
  nextPid: number;
}

export interface QtOutcome {
  readonly status: number;
  /** Exactly what is printed, without the last newline. */
  readonly stdout: string;
  readonly stderr: string;
  readonly refusal?: Refusal;
  /** The enclave started, stopped or read. */
  readonly uid?: number;
}

const FAILURE = 1;

/** A parent on which the tool has not been used yet. */
export function createQtTool(firstPid = 1000): QtTool {
  return { processes: new Map(), nextPid: firstPid };
}

export function printed(stdout: string, uid?: number): QtOutcome {
  return { status: 0, stdout, stderr: '', ...(uid === undefined ? {} : { uid }) };
}

/** A refused command: the code in brackets where one is published, then why. */
export function failed(refusal: Refusal): QtOutcome {
  const [code] = refusal.codes;
  const stderr = code === undefined ? refusal.message : `[ ${code} ] ${refusal.message}`;
  return { status: FAILURE, stdout: '', stderr, refusal };
}

/** A refused command that says nothing at all. */
export function failedSilently(refusal: Refusal): QtOutcome {
  return { status: FAILURE, stdout: '', stderr: '', refusal };
}
