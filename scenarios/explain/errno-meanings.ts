/**
 * What an error number of the Linux kernel means, in a few words, and what to do about it.
 *
 * Invariant: names are those of the kernel's headers (include/uapi/asm-generic/errno-base.h and
 * errno.h); a name without a row here has no entry of its own.
 */
interface ErrnoMeaning {
  readonly means: string;
  readonly remedy: string;
}

const FILES = 'Close files that are not needed, or raise the limit of open files.';

/** [name, meaning, remedy]. */
const TABLE: readonly (readonly [string, string, string])[] = [
  [
    'EPERM',
    'operation not permitted',
    'Run it as root; a CPU pool can be written only while no enclave exists.',
  ],
  [
    'EIO',
    'input/output error; here also: the call came from another process than the creator',
    'Issue the request from the process that created the enclave; else retry, and report it.',
  ],
  ['EBADF', 'no open file behind this descriptor', 'Open the enclave or device first.'],
  ['EAGAIN', 'try again later', 'Retry after a moment.'],
  [
    'ENOMEM',
    'out of memory, or a size too large to keep books on',
    'Free memory of the parent, or ask for a smaller size.',
  ],
  ['EACCES', 'permission denied', 'Join the group that may use the file (ne), or run as root.'],
  [
    'EFAULT',
    'bad address: memory that cannot be read or written, or is not mapped',
    'Map the memory before the call, and keep enough hugepages reserved behind it.',
  ],
  ['EBUSY', 'the device or resource is busy', 'End what uses it, then retry.'],
  ['EEXIST', 'it exists already', 'Choose another name or id, or remove the old one.'],
  [
    'EXDEV',
    'a link across devices; here: vCPUs and memory of one enclave on two NUMA nodes',
    'Close the enclave and create it again, with the pool and the pages of one node.',
  ],
  ['ENODEV', 'no such device', 'Load the nitro_enclaves module on an enclave-enabled instance.'],
  [
    'EINVAL',
    'invalid argument',
    'Correct the value: the rule that raised it says what is allowed.',
  ],
  ['ENFILE', 'too many open files in the system', FILES],
  ['EMFILE', 'too many open files in the process', FILES],
  ['ENOTTY', 'the file does not know this call', 'Make the call on the file that knows it.'],
  [
    'ENOSPC',
    'no space left; here: a parent has its four enclaves, or a text does not fit its buffer',
    'End an enclave first.',
  ],
  ['ERANGE', 'a number is out of range', 'Use a number of the range that the rule names.'],
  [
    'ENOTEMPTY',
    'not empty; here: another thread of the core is in use',
    'Take the whole core offline in the parent, or choose another core.',
  ],
  ['EOVERFLOW', 'a number is too large for its type', 'Use a smaller number.'],
  ['EADDRINUSE', 'the address is in use', 'End the other user of the port, or wait for it.'],
  ['ETIMEDOUT', 'no answer in time', 'Retry; if it persists, restart the instance or report it.'],
  [
    'EALREADY',
    'already under way; here: the enclave was started, though the driver forgot it',
    'Close the enclave and create a new one; a started enclave cannot be changed.',
  ],
  [
    'EHWPOISON',
    'the memory page has a hardware error',
    'Nothing to correct: free the page and restart the instance, so that it moves to other hardware.',
  ],
];

export const ERRNO_MEANINGS: ReadonlyMap<string, ErrnoMeaning> = new Map(
  TABLE.map(([name, means, remedy]) => [name, { means, remedy }]),
);
