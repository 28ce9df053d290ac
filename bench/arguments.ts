/**
 * Arguments of the bench's own commands, and what is said of wrong ones. Invariant: a number that is none
 * is never taken for one, and no argument is passed over. Trade-off: of what the system says of a file
 * only the usual is put into words, the rest is told as it says it.
 */

/** What is wrong with arguments, of an error that the platform's own parser ended in. */
export function argumentProblem(error: unknown): string {
  // Of its sentences the first one says what is wrong, the others how to get around it.
  const [said] = (error instanceof Error ? error.message : String(error)).split('. ');
  return said.charAt(0).toLowerCase() + said.slice(1);
}

const OF_FILES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'this is a folder',
  ENOTDIR: 'what should be a folder on the way there is none',
  EACCES: 'it may not be opened',
  EPERM: 'it may not be opened',
  ENOSPC: 'there is no room left',
};

/** What is wrong with a file, of an error that reading or writing it ended in. */
export function fileProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return OF_FILES[code] ?? error.message;
}

/** The whole number from 1 that was typed; `otherwise` where none was, undefined when it is no such number. */
export function wholeNumber(typed: string | undefined, otherwise: number): number | undefined {
  const value = typed === undefined ? otherwise : Number(typed);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
