/**
 * States that a run must reach at least once before its green result means anything.
 *
 * Invariant: each is about the host alone, so that any run on any platform can be asked. A run that
 * never had two enclaves at once has shown nothing about their separation.
 */
import { recordOf } from '../host/records.js';
import type { Sometimes } from './invariant.js';
import { isRunning } from './running.js';

export const REACHED: readonly Sometimes[] = [
  {
    id: 'two-run',
    sentence: 'Two enclaves run at once.',
    kind: 'sometimes',
    reached: ({ host }) => host.tree.records.filter(({ state }) => isRunning(state)).length >= 2,
  },
  {
    id: 'pool-emptied',
    sentence: 'Enclaves own every thread that the CPU pool had.',
    kind: 'sometimes',
    reached: ({ host }) => {
      const { avail } = host.tree.pool;
      const owned = host.tree.records.some(({ cores }) => cores.length > 0);
      return owned && avail.every((core) => core.length === 0);
    },
  },
  {
    id: 'memory-held',
    sentence: 'An enclave owns frames.',
    kind: 'sometimes',
    reached: ({ held }) => held().ofEnclaves.length > 0,
  },
  {
    id: 'ended',
    sentence: 'An enclave ended, and the parent still runs.',
    kind: 'sometimes',
    ofMove: true,
    reached: ({ host, before }) =>
      host.tree.parent === 'running' &&
      (before?.enclaves.some(({ uid }) => recordOf(host.tree, uid) === undefined) ?? false),
  },
  {
    id: 'parent-stopped',
    sentence: 'The parent is not running.',
    kind: 'sometimes',
    reached: ({ host }) => host.tree.parent !== 'running',
  },
];
