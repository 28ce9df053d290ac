/**
 * Why survivors are let live: survivors.json, "file: mutant" to a line, or to how many there are and a line.
 *
 * A survivor is known by its text, not its line, so that a comment above it moves nothing. Invariant: as
 * many survivors of one text are explained as there are, so that a new one is not hidden by an old one that
 * reads alike. Trade-off: of several that read alike it is not said which.
 */
import type { Kept } from './kept.js';

/** By "file: mutant"; a line alone explains one survivor. */
export type Explained = Readonly<
  Record<string, string | { readonly times: number; readonly why: string }>
>;

/** Why a survivor is let live; undefined = nobody has said. */
export function whyOf(explained: Explained, file: string, text: string): string | undefined {
  const entry = Object.hasOwn(explained, `${file}: ${text}`)
    ? explained[`${file}: ${text}`]
    : undefined;
  return typeof entry === 'object' ? entry.why : entry;
}

/** Where survivors and explanations do not match, one line each. */
export function mismatches(kept: Kept, explained: Explained): string[] {
  const lines = new Map<string, string[]>();
  for (const [file, { survivors }] of Object.entries(kept)) {
    for (const { line, text } of survivors) {
      const key = `${file}: ${text}`;
      lines.set(key, [...(lines.get(key) ?? []), `${file}:${line}: ${text}`]);
    }
  }
  const unexplained = [...lines].flatMap(([key, at]) => {
    if (!Object.hasOwn(explained, key)) return at.map((one) => `${one}: not explained`);
    const times = timesOf(explained[key]);
    if (times === at.length) return [];
    return [`${at.join(', ')}: ${at.length} survivors, ${times} explained`];
  });
  const idle = Object.keys(explained).filter((key) => !lines.has(key));
  return [
    ...unexplained,
    ...idle.map((key) => `survivors.json explains what is no survivor: ${key}`),
  ];
}

function timesOf(entry: Explained[string]): number {
  return typeof entry === 'object' ? entry.times : 1;
}
