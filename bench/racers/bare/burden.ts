/**
 * What a bare search carries of what ours does besides, so that what each part costs is a difference of
 * two times.
 *
 * Invariant: settled before the modules of the search are loaded, once a process, since V8 takes it into the
 * code. Trade-off: a racer with another burden needs a process of its own, as every racer of the bench has.
 */

export interface Burden {
  /** Each index is checked: nothing says that it is inside the array. */
  readonly checked?: boolean;
  /** The array is in a field that may change: neither its place nor its length is known. Implies checks. */
  readonly field?: boolean;
  /** Free frames and granules, the longest run and the lowest free frame are counted, records have generations. */
  readonly counted?: boolean;
}

export const BURDEN = { checked: false, field: false, counted: false };

let settled: string | undefined;

/** Before a bare search is loaded. Throws where one was loaded with another burden. */
export function burden({ checked = false, field = false, counted = false }: Burden): void {
  const given = { checked: checked || field, field, counted };
  const name = JSON.stringify(given);
  if (settled !== undefined && settled !== name) {
    throw new Error(`a bare search was loaded with ${settled} before ${name}`);
  }
  settled = name;
  Object.assign(BURDEN, given);
}
