/**
 * Entries for the published codes: QT 01 to 43, E00 to E60, NE 256 to 275, kernel errors, and the
 * ends of the reservation service.
 *
 * Invariant: one entry per code of each list; which rules raise it is looked up in the rule rows, and
 * a code that no step of the model raises says why.
 */
import { CLI_ERRORS } from '../../core/device/nitro-cli/codes.js';
import { SERVICE_EXITS } from '../../core/device/reservation/exits.js';
import { DRIVER_ERRORS, errorName } from '../../core/platform/nitro/errors.js';
import { type CodeStage, QT_CODES, qt } from '../../core/platform/qingtian/codes.js';
import type { Entry } from './entry.js';
import { ERRNO_MEANINGS } from './errno-meanings.js';
import { remedyText, rulesGiving } from './rule-list.js';

const QT_STAGES: Readonly<Record<CodeStage, string>> = {
  arguments: 'when qt reads its arguments',
  conf: 'when the reservation service reads its configuration',
  launch: 'in the launch pipeline, in the order of the codes',
  control: 'when qt talks to a running enclave',
  console: 'when the console of an enclave is used',
  image: 'when an image is made or signed',
};

export function qtEntries(): Entry[] {
  return QT_CODES.map(({ number, meaning, stage, remedy, unreachable }) => {
    const raisedBy = rulesGiving(qt(number));
    return {
      code: qt(number),
      family: 'QT',
      also: [String(number)],
      means: meaning,
      saidBy: 'the qt tool of QingTian',
      checked: QT_STAGES[stage],
      raisedBy,
      remedy: remedyText(remedy, raisedBy),
      ...(unreachable === undefined
        ? {}
        : { note: `no step of this model raises it: ${unreachable}` }),
      source: 'QingTian Enclave user guide, error codes',
    };
  });
}

const IOCTL =
  'whatever the driver refuses becomes E29; the code behind it (NE 256 to 275 or an errno) says what';

export function cliEntries(): Entry[] {
  return CLI_ERRORS.map(({ code, name, meaning, remedy }) => {
    const raisedBy = rulesGiving(code);
    const note = code === 'E29' ? IOCTL : noteFor(raisedBy);
    return {
      code,
      family: 'E',
      also: [name, String(Number(code.slice(1)))],
      means: meaning,
      saidBy: 'nitro-cli',
      checked: 'in the nitro-cli process, or in the enclave process it starts',
      raisedBy,
      remedy: remedyText(remedy, raisedBy),
      ...(note === undefined ? {} : { note }),
      source: 'aws-nitro-enclaves-cli 1.5.0, src/common/document_errors.rs',
    };
  });
}

export function driverEntries(): Entry[] {
  return DRIVER_ERRORS.map(({ number, name, meaning, text, remedy }) => {
    const raisedBy = rulesGiving(`NE ${number}`);
    return {
      code: `NE ${number}`,
      family: 'NE',
      also: [name, name.replace('NE_ERR_', ''), String(number)],
      means: meaning,
      saidBy: `the Nitro driver; nitro-cli prints it as E29: "${text}"`,
      checked: 'in the driver, in the call that returns it',
      raisedBy,
      remedy: remedyText(remedy, raisedBy),
      source: 'Nitro driver, include/uapi/linux/nitro_enclaves.h',
    };
  });
}

const MOST_ERRNO = 255;

export function errnoEntries(): Entry[] {
  const numbers = Array.from({ length: MOST_ERRNO }, (_, i) => i + 1);
  return numbers.flatMap((number): Entry[] => {
    const code = errorName(number);
    const known = ERRNO_MEANINGS.get(code);
    if (known === undefined) return [];
    const { means, remedy } = known;
    const raisedBy = rulesGiving(code);
    const note = noteFor(raisedBy);
    return [
      {
        code,
        family: 'errno',
        also: [String(number)],
        means,
        saidBy: 'the kernel, or the hypervisor through the driver',
        checked: 'in the system call that returns it',
        raisedBy,
        remedy: remedyText(remedy, raisedBy),
        ...(note === undefined ? {} : { note }),
        source: 'Linux, include/uapi/asm-generic/errno-base.h and errno.h',
      },
    ];
  });
}

export function serviceEntries(): Entry[] {
  return Object.entries(SERVICE_EXITS).map(([reason, { sentence, source, codes, remedy }]) => {
    const [number] = codes;
    const numbered = number !== undefined && /^\d+$/.test(number);
    return {
      code: numbered ? number : reason,
      family: 'allocator',
      also: [reason, `service-${reason}`, ...(numbered ? [] : codes)],
      means: `it ended because this did not hold: ${sentence}`,
      saidBy: 'the Nitro reservation service (nitro-enclaves-allocator)',
      checked: 'when the service starts',
      raisedBy: [],
      remedy,
      source,
    };
  });
}

function noteFor(raisedBy: readonly unknown[]): string | undefined {
  return raisedBy.length > 0 ? undefined : 'no rule of this model names it';
}
