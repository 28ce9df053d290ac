/**
 * The end of a launch: from the ready port to the enclave's heartbeat.
 *
 * Invariant: the ready port is held from before START until the heartbeat or the failure, so a
 * second launch in between ends with E36. Trade-off [M]: the wait is one look at the enclave's file;
 * an enclave that hung up before sends nothing. Source: nitro RULES.md §5.2 steps 18 to 21, §5.6.
 */
import { HANG_UP } from '../../platform/nitro/poll.js';
import { PASS, type Rule, refuse } from '../../platform/rule.js';
import { READY_PORT } from './processes.js';
import { cliRow } from './row.js';

/** What came on the ready port: the byte 0xB7, something else, or nothing in time. */
export type Heartbeat = 'ok' | 'wrong' | 'none';

const UNIT_MS = 90_000;
const GIB = 2 ** 30;
const IMAGE_STEP_BYTES = 6 * GIB;
const MEMORY_STEP_BYTES = 100 * GIB;

/** How long a launch waits for the heartbeat, in ms. Both sizes in bytes, above 0. */
export function heartbeatTimeoutMs(imageBytes: number, memoryBytes: number): number {
  const steps =
    Math.ceil(imageBytes / IMAGE_STEP_BYTES) + Math.ceil(memoryBytes / MEMORY_STEP_BYTES);
  return steps * UNIT_MS;
}

export const READY_PORT_FREE: Rule<{ readonly bound: boolean; readonly listener: number }> = cliRow(
  {
    id: 'ready-port-free',
    sentence: 'Nobody else listens on the ready port.',
    source: '§5.2 step 18',
    code: 'E36',
    remedy: 'Start enclaves one after the other.',
    check: ({ bound, listener }) =>
      bound
        ? PASS
        : refuse(
            { port: READY_PORT, listener },
            'Enclave boot heartbeat vsock connection - vsock bind error',
          ),
  },
);

interface BootContext {
  readonly heartbeat: Heartbeat;
  /** Poll mask of the enclave's file. */
  readonly poll: number;
  readonly timeoutMs: number;
}

export const BOOT_RULES: readonly Rule<BootContext>[] = [
  cliRow({
    id: 'heartbeat-in-time',
    sentence: 'The enclave connects to the ready port within the timeout.',
    source: '§5.6',
    code: 'E36',
    requirements: ['N14'],
    remedy: 'Start it in debug mode and read its console.',
    check: ({ heartbeat, poll, timeoutMs }) =>
      heartbeat === 'none' || (poll & HANG_UP) !== 0
        ? refuse({ timeoutMs }, `no heartbeat within ${timeoutMs} ms`)
        : PASS,
  }),
  cliRow({
    id: 'heartbeat-byte',
    sentence: 'The heartbeat is the byte 0xB7.',
    source: '§5.6',
    code: 'E36',
    requirements: ['N14'],
    remedy: 'Use an image whose init sends the heartbeat.',
    check: ({ heartbeat }) =>
      heartbeat === 'wrong' ? refuse({ expected: '0xB7' }, 'received wrong heartbeat') : PASS,
  }),
];
