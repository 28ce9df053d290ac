/**
 * What to do about each code of the qt tool, in a line or two.
 *
 * Invariant: one text per row of the code table (codes.ts throws without it). The guide gives advice
 * for few codes only (20: more memory); the rest is ours, and says so where nothing can be done.
 */
const CONF = 'Correct /etc/qingtian/enclave/qt-enclave-env.conf and start the service again.';
const AGAIN = 'Start the enclave again; if it persists, restart the reservation service.';
const SOCKET = 'Retry one command at a time; if it persists, restart the parent, or report it.';
const INSIDE =
  'Nothing to correct in the request: retry; if it persists, report it with the command.';
const LOST =
  'See qt enclave query: if the enclave is gone, start it again; if it is there, retry the command.';
const IMAGE =
  'Check the output path, its permissions and the free space, then make the image again.';
const MAINTENANCE =
  'Wait until the maintenance of the host is over, then retry; ask support if it lasts.';

export const QT_REMEDIES: Readonly<Record<number, string>> = {
  1: 'Add the argument that the message names; qt enclave --help lists them.',
  2: 'Correct the argument that the message names; qt enclave --help lists what each takes.',
  3: 'Check that the file (image, key, certificate) is there, and that you may read it.',
  4: AGAIN,
  5: AGAIN,
  6: CONF,
  7: CONF,
  8: `${AGAIN.replace(/\.$/, '')}, and see that enough hugepages are free.`,
  9: `${AGAIN.replace(/\.$/, '')}, and see that enough hugepages are free.`,
  10: 'Ask for more memory, or make the image smaller: four times the image is the least.',
  11: `${AGAIN.replace(/\.$/, '')}, and see that enough isolated CPUs are free.`,
  12: 'Run one qt command at a time: wait until the other ends, then retry.',
  13: SOCKET,
  14: SOCKET,
  15: SOCKET,
  16: SOCKET,
  17: 'Start the enclave again; if it persists, report it: the heartbeat is the tool’s own.',
  18: 'Start the enclave again, in debug mode to read its console; more memory may help.',
  19: AGAIN,
  20: 'Ask for more memory.',
  21: INSIDE,
  22: 'Check the free space and the permissions of the tool’s folders, run qt as root, then retry.',
  23: LOST,
  24: LOST,
  25: LOST,
  26: `Free memory of the parent. ${INSIDE}`,
  27: `Free memory of the parent. ${INSIDE}`,
  28: 'Look at qt enclave query for the enclaves that run.',
  29: LOST,
  30: `Free memory of the parent. ${INSIDE}`,
  31: `Free memory of the parent. ${INSIDE}`,
  32: 'Start the enclave with --debug-mode.',
  33: 'Close the console and open it again.',
  34: IMAGE,
  35: IMAGE,
  36: IMAGE,
  37: IMAGE,
  38: `Check that the certificate can be read. ${IMAGE}`,
  39: 'Make the image again from files that do not change meanwhile; if it persists, report it.',
  40: 'Check that the private key and the signing certificate belong together and are valid.',
  41: MAINTENANCE,
  42: MAINTENANCE,
  43: 'Choose a CID that no other enclave of this parent has.',
};
