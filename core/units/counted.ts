/**
 * A count with its noun, as a sentence has it.
 *
 * Invariant: exactly one takes no plural. Trade-off: nouns whose plural is not an s are not for it.
 */

/** `1 run`, `3 runs`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** `1 enclave exists`, `3 enclaves exist`. */
export function existing(count: number, what: string): string {
  return `${counted(count, what)} ${count === 1 ? 'exists' : 'exist'}`;
}
