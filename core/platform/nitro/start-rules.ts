/**
 * The checks of START_ENCLAVE, in the driver's order (nitro RULES.md §1.5).
 *
 * Flags and CID come before the state, so a second START with a bad CID says so. Invariant: memory
 * is checked before vCPUs; the CID's uniqueness is left to the hypervisor (quirk
 * `cid-not-checked`).
 */

import type { CommandOf } from '../../host/command.js';
import { PASS, type Rule, refuse } from '../rule.js';
import { COPY_IN, type FileContext, IN_INIT } from './file.js';
import { driverRow } from './row.js';

export type StartEnclave = CommandOf<'nitro.start'>;
export type StartContext = FileContext<StartEnclave>;

/** Least memory of an enclave in bytes. */
export const MIN_MEMORY_BYTES = 64 * 1024 * 1024;
const FLAG_LIMIT = 2n;
const U32_MAX = 0xffff_ffffn;
/** 1 and 2 are well known, 3 is the parent. */
const RESERVED_CIDS = [1n, 2n, 3n];

export const START_RULES: readonly Rule<StartContext>[] = [
  COPY_IN,
  driverRow({
    id: 'start-flags',
    sentence: 'The start flags are 0 (production) or 1 (debug).',
    source: '§1.5 START_ENCLAVE 2',
    number: 274,
    requirements: ['N11'],
    remedy: 'Pass 0 or 1.',
    check: ({ command: { flags } }) =>
      flags < FLAG_LIMIT ? PASS : refuse({ flags: `${flags}` }, `start flags ${flags} above 1`),
  }),
  driverRow({
    id: 'start-cid',
    sentence: 'The CID is 0 (automatic) or 4 to 4294967294.',
    source: '§1.5 START_ENCLAVE 3 to 6',
    number: 275,
    requirements: ['N11'],
    remedy: 'Pass 0 or a CID from 4 on.',
    check: ({ command: { cid } }) =>
      RESERVED_CIDS.includes(cid) || cid >= U32_MAX
        ? refuse({ cid: `${cid}` }, `CID ${cid} is reserved or too large`)
        : PASS,
  }),
  IN_INIT,
  driverRow({
    id: 'start-has-memory',
    sentence: 'An enclave starts with at least one memory range.',
    source: '§1.5 START_ENCLAVE 8',
    number: 266,
    remedy: 'Add memory first.',
    check: ({ enclave }) =>
      enclave.ranges > 0 ? PASS : refuse({ ranges: 0 }, 'no memory was added'),
  }),
  driverRow({
    id: 'start-min-memory',
    sentence: 'An enclave starts with at least 64 MiB.',
    source: '§1.5 START_ENCLAVE 9',
    number: 268,
    requirements: ['N11'],
    remedy: 'Add more memory.',
    check: ({ enclave: { memoryBytes } }) =>
      memoryBytes >= MIN_MEMORY_BYTES
        ? PASS
        : refuse(
            { memoryBytes, minMemoryBytes: MIN_MEMORY_BYTES },
            `${memoryBytes} bytes are less than 64 MiB`,
          ),
  }),
  driverRow({
    id: 'start-has-vcpu',
    sentence: 'An enclave starts with at least one vCPU.',
    source: '§1.5 START_ENCLAVE 10',
    number: 267,
    remedy: 'Add a vCPU first.',
    check: ({ enclave }) =>
      enclave.vcpus.length > 0 ? PASS : refuse({ vcpus: 0 }, 'no vCPU was added'),
  }),
  driverRow({
    id: 'start-full-cores',
    sentence: 'Every thread of every core the enclave owns has been added.',
    source: '§1.5 START_ENCLAVE 11',
    number: 269,
    requirements: ['N12'],
    remedy: 'Give whole cores: ask for a multiple of the threads per core, or name both siblings.',
    check: ({ enclave }) => {
      const { cores, vcpus } = enclave;
      for (const { cpus } of cores) {
        const cpu = cpus.find((thread) => !vcpus.includes(thread));
        if (cpu !== undefined) return refuse({ cpu }, `CPU ${cpu} is owned but was not added`);
      }
      return PASS;
    },
  }),
];
