/**
 * The error codes of nitro-cli, E00 to E60, and how the program prints one.
 *
 * Invariant: the table has every number once, in order; a refusal of the command line carries one of
 * these codes first. Some rows nothing raises (E30 to E33 are reserved): the table is the program's,
 * not a list of what this model does. Source: nitro RULES.md §5.7 (document_errors.rs, mod.rs).
 */
import type { Refusal } from '../../refusal/refusal.js';
import { CLI_REMEDIES } from './code-remedies.js';

export interface CliError {
  readonly code: CliCode;
  readonly name: string;
  readonly meaning: string;
  /** What to do about it. */
  readonly remedy: string;
}

export type CliCode = (typeof TABLE)[number][0];

const TABLE = [
  ['E00', 'UnspecifiedError', 'catch-all, not meant to be used'],
  ['E01', 'MissingArgument', 'a mandatory argument or config field is absent'],
  ['E02', 'ConflictingArgument', 'two mutually exclusive arguments were given'],
  ['E03', 'InvalidArgument', 'an argument has the wrong type or a forbidden value'],
  ['E04', 'SocketPairCreationFailure', 'the internal stream pair cannot be made'],
  ['E05', 'ProcessSpawnFailure', 'the enclave process cannot be forked'],
  ['E06', 'DaemonizeProcessFailure', 'the enclave process cannot detach'],
  ['E07', 'ReadFromDiskFailure', 'the sockets directory cannot be listed'],
  ['E08', 'UnusableConnectionError', 'the enclave process behind a connection is gone'],
  ['E09', 'SocketCloseError', 'closing a channel failed'],
  ['E10', 'SocketConnectTimeoutError', 'the connect timeout of the console cannot be set'],
  ['E11', 'SocketError', 'another socket problem, such as no enclave of that id'],
  ['E12', 'EpollError', 'a descriptor cannot be registered or waited for'],
  ['E13', 'InotifyError', 'the control socket file cannot be watched'],
  ['E14', 'InvalidCommand', 'an unknown command or argument came over the socket'],
  ['E15', 'LockAcquireFailure', 'a lock is poisoned'],
  ['E16', 'ThreadJoinFailure', 'a worker thread crashed'],
  ['E17', 'SerdeError', 'data cannot be read or written, such as a bad JSON config'],
  ['E18', 'FilePermissionsError', "the log file's permissions cannot be changed"],
  ['E19', 'FileOperationFailure', 'the image, device, pool or log file cannot be used'],
  ['E20', 'InvalidCpuConfiguration', 'an id appears twice in --cpu-ids'],
  ['E21', 'NoSuchCpuAvailableInPool', 'an id is not in the configured pool'],
  ['E22', 'InsufficientCpus', 'the count is above the size of the configured pool'],
  ['E23', 'MalformedCpuId', 'the pool text holds something that is no number'],
  ['E24', 'CpuError', 'the pool text holds a bad interval'],
  ['E25', 'NoSuchHugepageFlag', 'the flag of a hugepage size is unknown'],
  ['E26', 'InsufficientMemoryRequested', 'memory is below four times the image, or 0'],
  ['E27', 'InsufficientMemoryAvailable', 'free hugepages do not cover the request'],
  ['E28', 'InvalidEnclaveFd', 'CREATE_VM gave a bad descriptor'],
  ['E29', 'IoctlFailure', 'the driver refused; the text tells what'],
  ['E30', 'IoctlImageLoadInfoFailure', 'reserved for the load-info call'],
  ['E31', 'IoctlSetMemoryRegionFailure', 'reserved for the memory call'],
  ['E32', 'IoctlAddVcpuFailure', 'reserved for the vCPU call'],
  ['E33', 'IoctlEnclaveStartFailure', 'reserved for the start call'],
  ['E34', 'MemoryOverflow', "the image's place is outside a memory region"],
  ['E35', 'EifParsingError', 'the image cannot be read into memory, or not understood'],
  ['E36', 'EnclaveBootFailure', 'no heartbeat, a wrong one, or port 9000 is busy'],
  ['E37', 'EnclaveEventWaitError', 'waiting for enclave events failed'],
  ['E38', 'EnclaveProcessCommandNotExecuted', 'an enclave process refused or failed a command'],
  ['E39', 'EnclaveProcessConnectionFailure', 'an enclave process did not answer properly'],
  ['E40', 'SocketPathNotFound', 'no socket path follows from the id'],
  ['E41', 'EnclaveProcessSendReplyFailure', 'the enclave process cannot send its status'],
  ['E42', 'EnclaveMmapError', 'mapping a hugepage failed'],
  ['E43', 'EnclaveMunmapError', 'unmapping a hugepage failed'],
  ['E44', 'EnclaveConsoleConnectionFailure', 'no console, or the enclave is not in debug mode'],
  ['E45', 'EnclaveConsoleReadError', 'reading the console failed'],
  ['E46', 'EnclaveConsoleWriteOutputError', 'printing the console failed'],
  ['E47', 'IntegerParsingError', 'the CID cannot be read'],
  ['E48', 'EifBuildingError', 'building an image failed'],
  ['E49', 'DockerImageBuildError', 'docker build failed'],
  ['E50', 'DockerImagePullError', 'docker pull failed'],
  ['E51', 'ArtifactsPathNotSet', 'the artifacts path variable is missing'],
  ['E52', 'BlobsPathNotSet', 'the blobs path variable is missing'],
  ['E53', 'ClockSkewError', 'time between console reads cannot be measured'],
  ['E54', 'SignalMaskingError', 'signals cannot be masked'],
  ['E55', 'SignalUnmaskingError', 'signals cannot be unmasked'],
  ['E56', 'LoggerError', 'the logger cannot start'],
  ['E57', 'HasherError', 'hashing failed'],
  ['E58', 'EnclaveNamingError', 'the enclave name is unknown or ambiguous'],
  ['E59', 'EIFSignatureCheckerError', "the image's signature or certificate is invalid"],
  ['E60', 'EIFSigningError', 'the signing key, certificate or key service has a problem'],
] as const;

/** Every code of the program, ascending. */
export const CLI_ERRORS: readonly CliError[] = TABLE.map(([code, name, meaning]) => ({
  code,
  name,
  meaning,
  remedy: CLI_REMEDIES[code],
}));

/** Codes that `nitro-cli explain` does not know although the program raises them. */
const UNEXPLAINED: readonly string[] = ['E57', 'E58', 'E59'];

/** What `nitro-cli explain CODE` answers, in our words for the meaning. */
export function explainCode(code: string): string {
  const error = CLI_ERRORS.find((row) => row.code === code);
  if (error === undefined || UNEXPLAINED.includes(code)) return 'No such error code';
  return `${error.name}: ${error.meaning}`;
}

const MANUAL = 'https://docs.aws.amazon.com/enclaves/latest/user/cli-errors.html';

/** The lines on standard error for a refusal; one without a code broke the grammar of the line. */
export function printedError({ codes, message }: Pick<Refusal, 'codes' | 'message'>): string[] {
  if (codes.length === 0) return [message];
  const code = codes[0];
  return [`[ ${code} ] ${message}`, `For more details, please visit ${MANUAL}#${code}`];
}

/** Exit status of a command-line process that failed with a code: its number. */
export function statusOf(code: CliCode): number {
  return Number(code.slice(1));
}
