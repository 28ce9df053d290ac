/**
 * The hypervisor behind the driver, as far as its answers are not part of a command.
 *
 * Its real checks are not public, so they are a declared model: `permissive`
 * accepts whatever it is not told to refuse, as the emulation behind the recordings does;
 * `isolating` refuses what would break isolation, each with its own errno. Invariant: with
 * `isolating` no accepted request, and no CPU that comes online, makes two owners of one frame,
 * thread, core or CID, or an enclave that runs on two nodes.
 */
export interface HypervisorModel {
  readonly kind: 'permissive' | 'isolating';
  /** Enclaves a parent may have at once; a further SLOT_ALLOC is refused (isolating only). */
  readonly maxEnclaves: number;
  /** Answer to SLOT_ALLOC: most physical ranges an enclave may have. */
  readonly maxRanges: number;
  /** First slot uid / EnclaveID given. */
  readonly firstSlot: number;
  /** First automatic CID. */
  readonly firstCid: number;
}

/** Nitro's documented limit of four; CIDs and slots as the recordings count them. */
export const NITRO_HYPERVISOR: HypervisorModel = {
  kind: 'isolating',
  maxEnclaves: 4,
  maxRanges: 65_536,
  firstSlot: 1,
  firstCid: 16,
};

/** QingTian: ids from 0; its limits are rules, not hypervisor answers. */
export const QINGTIAN_HYPERVISOR: HypervisorModel = {
  kind: 'isolating',
  maxEnclaves: Number.MAX_SAFE_INTEGER,
  maxRanges: Number.MAX_SAFE_INTEGER,
  firstSlot: 0,
  firstCid: 4,
};
