/** What a scenario calls its enclaves. Invariant: a name is never one of the owner words of reports. */

/** Enclave uid → the name the scenario gave it, and the MiB it asked for. */
export type Names = ReadonlyMap<number, { readonly name: string; readonly askedMib: number }>;

export function nameOf(names: Names, uid: number): string {
  return names.get(uid)?.name ?? `enclave ${uid}`;
}
