/**
 * What `qt enclave start` and `query` print: JSON with the tool's own keys in its own order.
 *
 * Invariant: key order is part of the interface. Trade-offs: the samples of the guide print
 * LaunchMode "debug" without --debug-mode, which is taken for a slip; "normal" for the other mode,
 * and the place of ProcessID behind EnclaveID, are declared choices.
 * Source: QingTian Enclave user guide, start and query commands (b.2).
 */
import type { Enclave } from '../../host/tree.js';
import { MIB } from '../../units/size.js';

const INDENT = 4;

export function toText(value: unknown): string {
  return JSON.stringify(value, null, INDENT);
}

/** The fields `start` prints. */
export function startInfo(enclave: Enclave) {
  return { EnclaveID: enclave.uid, ...behindIds(enclave) };
}

/** One entry of `query`. */
export function queryInfo(enclave: Enclave, pid: number) {
  return { EnclaveID: enclave.uid, ProcessID: pid, ...behindIds(enclave) };
}

function behindIds({ cid, vcpus, memoryBytes, debug }: Enclave) {
  return {
    EnclaveCID: cid,
    NumberOfCPUs: vcpus.length,
    MemoryMiB: Math.floor(memoryBytes / MIB),
    LaunchMode: debug === 1 ? 'debug' : 'normal',
  };
}
