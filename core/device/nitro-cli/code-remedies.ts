/**
 * What to do about each code of nitro-cli, in a line or two.
 *
 * Invariant: one text per row of the code table (codes.ts does not compile without it), and none
 * promises more than there is: where only the program or the system can mend it, the text says so.
 * Trade-off: the advice is ours; the manual and nitro RULES.md §5.7 give the meaning of the codes.
 */
const RETRY = 'Run the command again; if it persists, report it with the log';
const LOGS = '/var/log/nitro_enclaves/nitro_enclaves.log';
const SYSTEM = 'Free what the parent runs short of (processes, open files, memory), then retry';
const UNUSED =
  'Nothing to do: version 1.5.0 never raises it. A refused driver call comes as E29; explain that.';

export const CLI_REMEDIES = {
  E00: `${RETRY} (${LOGS}): the code itself says nothing.`,
  E01: 'Add the argument or config field that the message names.',
  E02: 'Keep one of the two.',
  E03: 'Correct the value of the option that the message names.',
  E04: `${SYSTEM}.`,
  E05: `${SYSTEM}; check the limits of the user (ulimit -u).`,
  E06: `${SYSTEM}; check the limits of the user (ulimit -u).`,
  E07: 'Check that /run/nitro_enclaves exists and that your group (ne) may read it.',
  E08: 'See describe-enclaves: if the enclave is gone, start it again; else retry the command.',
  E09: `${RETRY} (${LOGS}); nothing is lost by it.`,
  E10: `${RETRY} (${LOGS}).`,
  E11: 'Look at describe-enclaves for the ids; one that is not listed is gone.',
  E12: `${SYSTEM}.`,
  E13: `${SYSTEM}; raise fs.inotify.max_user_instances and max_user_watches if they are used up.`,
  E14: 'Use one version of nitro-cli: end enclaves that an older one started, then start them anew.',
  E15: 'Nothing to correct: a thread crashed before. Terminate the enclave, start it again, report.',
  E16: 'Nothing to correct: a thread crashed. Terminate the enclave, start it again, and report it.',
  E17: 'Correct the JSON file of --config; without one, see that all processes are of one version.',
  E18: 'Give your user or the group ne write access to /var/log/nitro_enclaves.',
  E19: 'Check that the file in the message is there and that you may open it.',
  E20: 'Name each CPU once.',
  E21: 'Name CPUs of the pool, or write a larger pool.',
  E22: 'Ask for fewer CPUs, or write a larger pool.',
  E23: 'Write the pool as ids and a-b intervals; strides, N and all are not understood.',
  E24: 'Write the pool as ids and a-b intervals.',
  E25: 'Nothing to correct in a request: use a release of nitro-cli that knows your page sizes.',
  E26: 'Ask for more memory, or use a smaller image: four times the image is the least.',
  E27: 'Reserve more hugepages, or ask for less memory; count free pages on the node of the pool.',
  E28: 'Run the command again; if it persists, reload the nitro_enclaves module (no enclave may run).',
  E29:
    'Read the driver code beside it and explain that: a report of ours shows both: in ' +
    '`E29 ← NE 264`, E29 is of nitro-cli and NE 264 of the driver. ' +
    'nitro-cli itself prints only a text: `hypercarve explain NE CODE` shows the text of each ' +
    'code from NE 256 to 275. Where it prints "An error has occurred", the errno behind that is ' +
    'of the kernel or the hypervisor (12 is ENOMEM): explain its name or number.',
  E30: UNUSED,
  E31: UNUSED,
  E32: UNUSED,
  E33: UNUSED,
  E34: 'Ask for more memory, or build the image again if its file was cut or changed.',
  E35: 'Check that the file is a whole EIF and stays where it is; build it again if not.',
  E36: 'Start it in debug mode and read its console; ask for more memory; start one at a time.',
  E37: 'See describe-enclaves: if the enclave is gone, start it again; report it if it recurs.',
  E38: `See the lines before it and ${LOGS} for the error of the process, and follow that one.`,
  E39:
    'Follow the code printed before it, such as E26, E27, E29 or E36: E39 only counts the processes ' +
    'that failed. Without one, see describe-enclaves: if the enclave is gone, start it again.',
  E40: 'Write the whole id as describe-enclaves shows it.',
  E41: `See describe-enclaves whether the command was done; if not, retry. Details: ${LOGS}.`,
  E42: 'Reserve more hugepages (on every node, while one is short), or ask for less memory.',
  E43: `Nothing to correct: end the enclave, which returns its pages; report it with ${LOGS}.`,
  E44: 'Start the enclave with --debug-mode; a console needs it. If it has it: see that it runs.',
  E45: 'Open the console again; if the enclave ended, there is nothing left to read.',
  E46: 'Give the console an output that stays open (a full disk or a closed pipe ends it).',
  E47: 'Write the CID as a plain number from 4 to 4294967294.',
  E48: 'Read the message: check the kernel, ramdisk and output paths and the space on the disk.',
  E49: 'Run docker build by itself and correct what it reports; see that the daemon runs.',
  E50: 'Check the image name, the registry login and the network: docker pull shows the same error.',
  E51: 'Set NITRO_CLI_ARTIFACTS to a folder you may write, or set HOME.',
  E52: 'Set NITRO_CLI_BLOBS to the folder of the kernel and init, or install the devel package.',
  E53: 'Open the console again; keep the clock of the parent from being set back.',
  E54: `${RETRY} (${LOGS}): signals of its own process are not yours to correct.`,
  E55: `${RETRY} (${LOGS}): signals of its own process are not yours to correct.`,
  E56: 'Check that /var/log/nitro_enclaves exists and that your user or the group ne may write it.',
  E57: 'Check that the image can be read to its end, then retry; if it persists, report it.',
  E58: 'Look at describe-enclaves for the names; where two are alike, use the id.',
  E59: 'Sign the image again with a certificate inside its dates.',
  E60: 'Check that key and certificate belong together (P-384) and, with KMS, region and permissions.',
} as const;
