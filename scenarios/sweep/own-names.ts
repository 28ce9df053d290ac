/**
 * The names that a sweep gives to files in its run folder.
 *
 * Invariant: what carries none of them is somebody else's, and is neither read nor taken away.
 */

export const MANIFEST = 'manifest.json';
export const BLOCKS = 'blocks';
const TABLES = ['variants', 'runs', 'metrics', 'refusals'].map((table) => `${table}.parquet`);
/** Files of the folder itself; a test finds any that is missing here. */
export const FINAL_NAMES: readonly string[] = [MANIFEST, 'summary.json', ...TABLES];

/** Of a file in `blocks/`: the hash that is its task's id. */
export function isBlockName(name: string): boolean {
  return /^[0-9a-f]{64}\.json$/.test(name);
}

/** Under which a file is written before it gets its own name, which may be one in `blocks/`. */
export function temporaryName(name: string): string {
  return `.new-${process.pid}-${name.replace(/^.*\//, '')}`;
}

export function isTemporaryName(name: string): boolean {
  const meant = /^\.new-\d+-(.+)$/.exec(name)?.[1];
  return meant !== undefined && (FINAL_NAMES.includes(meant) || isBlockName(meant));
}
