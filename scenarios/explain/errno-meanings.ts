/**
 * What an error number of the Linux kernel means, in a few words.
 *
 * Invariant: names are those of the kernel's headers (include/uapi/asm-generic/errno-base.h and
 * errno.h); a name without a row here has no entry of its own.
 */
export const ERRNO_MEANINGS: ReadonlyMap<string, string> = new Map([
  ['EPERM', 'operation not permitted'],
  ['EIO', 'input/output error; here also: the call came from another process than the creator'],
  ['EBADF', 'no open file behind this descriptor'],
  ['EAGAIN', 'try again later'],
  ['ENOMEM', 'out of memory, or a size too large to keep books on'],
  ['EACCES', 'permission denied'],
  ['EFAULT', 'bad address: memory that cannot be read or written, or is not mapped'],
  ['EBUSY', 'the device or resource is busy'],
  ['EEXIST', 'it exists already'],
  ['ENODEV', 'no such device'],
  ['EINVAL', 'invalid argument'],
  ['ENFILE', 'too many open files in the system'],
  ['EMFILE', 'too many open files in the process'],
  ['ENOTTY', 'the file does not know this call'],
  ['ENOSPC', 'no space left; here: the text does not fit its buffer'],
  ['ERANGE', 'a number is out of range'],
  ['EOVERFLOW', 'a number is too large for its type'],
  ['EADDRINUSE', 'the address is in use'],
  ['ETIMEDOUT', 'no answer in time'],
  ['EHWPOISON', 'the memory page has a hardware error'],
]);
