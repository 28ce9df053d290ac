/**
 * What nitro-cli prints on standard output: JSON with the program's own keys in its own order.
 *
 * Invariant: key order is part of the interface; other programs compare the text. Source:
 * nitro RULES.md §6.3 (json_output.rs).
 */
import { enclaveIdOf } from './ids.js';
import type { EnclaveProcess } from './processes.js';

const INDENT = 2;
const ALGORITHM = 'Sha384 { ... }';

/** Pretty-printed as the program does. */
export function printed(value: unknown): string {
  return JSON.stringify(value, null, INDENT);
}

/** The fields run-enclave prints; describe-enclaves starts with the same. */
export function runInfo(instanceId: string, enclave: EnclaveProcess) {
  return {
    EnclaveName: enclave.name,
    EnclaveID: enclaveIdOf(instanceId, enclave.slot),
    ProcessID: enclave.pid,
    EnclaveCID: enclave.cid,
    NumberOfCPUs: enclave.cpus.length,
    CPUIDs: enclave.cpus,
    MemoryMiB: enclave.memoryMib,
  };
}

/** One entry of describe-enclaves; with `metadata` the image's own words behind it. */
export function describeInfo(instanceId: string, enclave: EnclaveProcess, metadata: boolean) {
  const { image, debug, state } = enclave;
  const described = {
    ...runInfo(instanceId, enclave),
    State: state,
    Flags: debug ? 'DEBUG_MODE' : 'NONE',
    Measurements: measurementsOf(image.measurements ?? {}),
  };
  if (!metadata || image.info === undefined) return described;
  const { name, version, metadata: about } = image.info;
  return { ...described, ImageName: name, ImageVersion: version, Metadata: about };
}

/** The program keeps them in a sorted map: PCR8 comes behind PCR2, whoever measured first. */
function measurementsOf(registers: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(registers).sort();
  return Object.fromEntries([
    ['HashAlgorithm', ALGORITHM],
    ...names.map((name) => [name, registers[name]]),
  ]);
}

export function terminateInfo(name: string, id: string) {
  return { EnclaveName: name, EnclaveID: id, Terminated: true };
}
