/**
 * Enclave names (nitro RULES.md §5.3, new_enclave_name).
 *
 * Invariant: the name given is not among the taken ones; a number is always put behind the original.
 */

/** The name of a new enclave. `taken`: names of the processes that answer. */
export function newEnclaveName(
  asked: { readonly name?: string; readonly eifPath: string },
  taken: readonly string[],
): string {
  const wanted = asked.name ?? nameOfImage(asked.eifPath);
  let name = wanted;
  for (let i = 1; taken.includes(name); i++) name = `${wanted}_${i}`;
  return name;
}

/** Last part of the path without any trailing ".eif". */
function nameOfImage(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/(?:\.eif)+$/, '');
}
