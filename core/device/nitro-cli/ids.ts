/**
 * Enclave ids: `<instance id>-enc<slot in lower-case hex>`, and the socket each stands for.
 *
 * Invariant: reading the id of a slot gives the slot back. Source: nitro RULES.md §6.4
 * (enclave_proc/utils.rs).
 */
const SEPARATOR = '-enc';
const HEX = 16;
const SOCKETS = '/run/nitro_enclaves';

export function enclaveIdOf(instanceId: string, slot: number): string {
  return instanceId + SEPARATOR + slot.toString(HEX);
}

/** The slot an id names (u64), or the program's own words for what is wrong with it. */
export function slotOfId(id: string): { readonly slot: bigint } | { readonly problem: string } {
  const parts = id.split(SEPARATOR);
  if (parts.length < 2) return { problem: 'Invalid enclave_id.' };
  return /^[0-9a-fA-F]{1,16}$/.test(parts[1])
    ? { slot: BigInt(`0x${parts[1]}`) }
    : { problem: 'Invalid enclave id format' };
}

/** Path of the control socket: named by what stands behind the last separator. */
export function socketOfId(id: string, folder = SOCKETS): string {
  return `${folder}/${id.slice(id.lastIndexOf(SEPARATOR) + SEPARATOR.length)}.sock`;
}
