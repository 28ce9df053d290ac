/**
 * The published error codes of the `qt` tool, 01 to 43.
 *
 * Invariant: numbers run without a gap, and a version has exactly the codes up to its `lastCode`.
 * Trade-off: many codes name trouble inside the tool (sockets, JSON, file writes) that a model of
 * resources cannot meet; `unreachable` says so per code, so that none is silently missing.
 * Source: QingTian Enclave user guide, error codes; the launch pipeline is the order of 04 … 20.
 */
import type { Code } from '../../refusal/refusal.js';
import { QT_REMEDIES } from './code-remedies.js';
import type { QingtianVersion } from './versions.js';

export type CodeStage = 'arguments' | 'conf' | 'launch' | 'control' | 'console' | 'image';

export interface QtCode {
  readonly number: number;
  readonly meaning: string;
  readonly stage: CodeStage;
  /** What to do about it. */
  readonly remedy: string;
  /** Why no step of the model raises it; undefined = some step does. */
  readonly unreachable?: string;
}

const NO_FILES = 'the image is given as facts; no file is opened';
const NO_SOCKETS = 'the control socket of the tool is not modelled';
const NO_JSON = 'messages between tool and service are not encoded';
const NO_IMAGE_BYTES = 'images are not assembled byte by byte';

function code(number: number, stage: CodeStage, meaning: string, unreachable?: string): QtCode {
  const remedy = QT_REMEDIES[number];
  if (remedy === undefined) throw new Error(`${qt(number)} has no remedy`);
  const row = { number, meaning, stage, remedy };
  return unreachable === undefined ? row : { ...row, unreachable };
}

/** Every code, in order. */
export const QT_CODES: readonly QtCode[] = [
  code(1, 'arguments', 'missing argument'),
  code(2, 'arguments', 'invalid argument'),
  code(3, 'arguments', 'file operation failed', NO_FILES),
  code(4, 'launch', 'getting the sandbox capacity failed'),
  code(5, 'launch', 'defining the sandbox failed'),
  code(6, 'conf', 'invalid configuration parameter'),
  code(7, 'conf', 'missing configuration parameter'),
  code(8, 'launch', 'mmap failed'),
  code(9, 'launch', 'adding memory failed'),
  code(10, 'launch', 'image load failed because the memory provided is too small'),
  code(11, 'launch', 'adding a CPU failed'),
  code(12, 'control', 'lock failed', 'steps are atomic; there is no lock file to lose'),
  code(13, 'control', 'socket initialisation failed', NO_SOCKETS),
  code(14, 'control', 'socket bind failed', NO_SOCKETS),
  code(15, 'control', 'socket listen failed', NO_SOCKETS),
  code(16, 'control', 'socket accept failed', NO_SOCKETS),
  code(17, 'control', 'writing the heartbeat failed', NO_SOCKETS),
  code(18, 'control', 'reading the heartbeat failed', NO_SOCKETS),
  code(19, 'launch', 'starting the enclave failed'),
  code(20, 'launch', 'heartbeat timeout'),
  code(21, 'control', 'JSON error', NO_JSON),
  code(22, 'control', 'writing the enclave configuration failed', NO_FILES),
  code(23, 'control', 'socket connect failed', NO_SOCKETS),
  code(24, 'control', 'writing a command to the server failed', NO_SOCKETS),
  code(25, 'control', 'reading a message from the server failed', NO_SOCKETS),
  code(26, 'control', 'JSON object could not be made', NO_JSON),
  code(27, 'control', 'JSON array could not be made', NO_JSON),
  code(28, 'control', 'enclave not running'),
  code(29, 'control', 'invalid process id', 'the tool’s processes are not modelled'),
  code(30, 'control', 'JSON number could not be made', NO_JSON),
  code(31, 'control', 'JSON string could not be made', NO_JSON),
  code(32, 'console', 'enclave not in debug mode'),
  code(33, 'console', 'console read failed'),
  code(34, 'image', 'writing the image header failed', NO_IMAGE_BYTES),
  code(35, 'image', 'writing the command line failed', NO_IMAGE_BYTES),
  code(36, 'image', 'writing the kernel failed', NO_IMAGE_BYTES),
  code(37, 'image', 'writing the initial ramdisk failed', NO_IMAGE_BYTES),
  code(38, 'image', 'writing the certificate failed', NO_IMAGE_BYTES),
  code(39, 'image', 'getting a PCR failed', NO_IMAGE_BYTES),
  code(40, 'image', 'adding the signature failed', NO_IMAGE_BYTES),
  code(41, 'control', 'enclave in maintenance state', 'no maintenance of the host is modelled'),
  code(42, 'control', 'enclave in maintenance state', 'no maintenance of the host is modelled'),
  code(43, 'arguments', 'CID already used'),
];

/** `QT 04` for 4. */
export function qt(number: number): Code {
  return `QT ${String(number).padStart(2, '0')}`;
}

/** The code as a list, or [] when the version's list ends before it ("no published code"). */
export function publishedCode(version: QingtianVersion, number: number): readonly Code[] {
  return number <= version.lastCode ? [qt(number)] : [];
}
