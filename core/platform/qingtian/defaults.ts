/**
 * Defaults: the configuration file as shipped, and `qt enclave start` with its arguments filled in.
 *
 * Invariant: the default shape is a 1 GiB page, 1 GiB and 2 vCPUs (Q15), and the request records
 * which of its values nobody gave. A CID that nobody gave and the version does not default stays in
 * that list and is refused as a missing argument.
 * Source: QingTian Enclave user guide, configuring resources (b.1) and the start command (b.2).
 */
import type { EnclaveImage, QingtianConf, QingtianRequest } from '../../host/command.js';
import type { QingtianVersion } from './versions.js';

/** qt-enclave-env.conf as shipped. */
export const SHIPPED_CONF: QingtianConf = { hugepageSizeMib: 1024, memoryMib: 1024, cpuCount: 2 };

export const DEFAULT_VCPUS = 2;
export const DEFAULT_MEMORY_MIB = 1024;

/** Arguments of `qt enclave start`, as typed. */
export interface StartArguments {
  readonly image: EnclaveImage;
  readonly cpus?: number;
  readonly memoryMib?: number;
  readonly cid?: number;
  readonly debug?: boolean;
}

export function fillRequest(version: QingtianVersion, given: StartArguments): QingtianRequest {
  const defaulted: string[] = [];
  if (given.cpus === undefined) defaulted.push('cpus');
  if (given.memoryMib === undefined) defaulted.push('mem');
  if (given.cid === undefined) defaulted.push('cid');
  return {
    image: given.image,
    vcpus: given.cpus ?? DEFAULT_VCPUS,
    memoryMib: given.memoryMib ?? DEFAULT_MEMORY_MIB,
    cid: given.cid ?? version.defaultCid ?? NO_CID,
    debug: given.debug ?? false,
    defaulted,
  };
}

/** Stands where a required CID was not given. */
const NO_CID = 0;
