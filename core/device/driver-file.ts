/**
 * File numbers of the Nitro driver: which file a number names, and which requests that file knows.
 *
 * Invariant: looked at before anything else of a call: unknown number EBADF, wrong file or request
 * number ENOTTY (conformance format, finding 12).
 */

import type { Host } from '../host/host.js';
import { driverRow } from '../platform/nitro/row.js';
import { PASS, type Rule, refuse } from '../platform/rule.js';

/** The file of /dev/nitro_enclaves. */
export const DEVICE_FILE = 3;

/** Request numbers of magic 0xAE (include/uapi/linux/nitro_enclaves.h). */
export const REQUEST = {
  createVm: 0x20,
  addVcpu: 0x21,
  imageLoadInfo: 0x22,
  setMemory: 0x23,
  start: 0x24,
} as const;

/** What a file number names: the device, an enclave by slot, or nothing. */
export type OpenFile = 'device' | { readonly slot: number } | undefined;

export function fileOf({ tree }: Host, fd: number): OpenFile {
  if (fd === DEVICE_FILE) return 'device';
  if (fd < 0) return undefined;
  const { records } = tree;
  for (let i = records.length - 1; i >= 0; i--) {
    if (records[i].fd === fd) return { slot: records[i].uid };
  }
  return undefined;
}

interface FileContext {
  readonly fd: number;
  readonly file: OpenFile;
  /** Request number; undefined = close or poll, which only enclave files have here. */
  readonly request: number | undefined;
}

const EBADF = 9;
const ENOTTY = 25;

export const FILE_RULES: readonly Rule<FileContext>[] = [
  driverRow({
    id: 'file-open',
    sentence: 'The file number names an open file.',
    source: '§1.4; finding 12',
    number: EBADF,
    remedy: 'Use the number that CREATE_VM returned.',
    check: ({ fd, file, request }) =>
      file === undefined || (file === 'device' && request === undefined)
        ? refuse({ fd }, `no enclave file ${fd} is open`)
        : PASS,
  }),
  driverRow({
    id: 'file-request',
    sentence: 'The file knows the request: the device only CREATE_VM, an enclave the other four.',
    source: '§1.4, §1.5',
    number: ENOTTY,
    remedy: 'Issue the request on the file it belongs to.',
    check: ({ fd, file, request }) => {
      if (request === undefined) return PASS;
      const first = file === 'device' ? REQUEST.createVm : REQUEST.addVcpu;
      const last = file === 'device' ? REQUEST.createVm : REQUEST.start;
      return first <= request && request <= last
        ? PASS
        : refuse({ fd, request }, `file ${fd} has no request 0x${request.toString(16)}`);
    },
  }),
];
