/**
 * Paths into a scenario: `parent.topology.nodes[0].memory`, read and printed.
 *
 * Invariant: `parsePath(formatPath(p))` is p. A key that is no plain word is printed and read as
 * `["my.image"]`. Trade-off: no wildcards; one path names one place.
 */

export type Path = readonly (string | number)[];

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const STEP = /\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** The text of a path; '' for the root. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (PLAIN_KEY.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** The steps of a path, or undefined when the text is none; '' and a leading dot are none. */
export function parsePath(text: string): Path | undefined {
  if (text === '' || text.startsWith('.')) return undefined;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const at = STEP.lastIndex;
    const found = STEP.exec(text);
    if (found === null) return undefined;
    const [whole, key, index, quoted] = found;
    if (key !== undefined) {
      if (at > 0 && !whole.startsWith('.')) return undefined;
      steps.push(key);
    } else if (index !== undefined) steps.push(Number(index));
    else {
      const unquoted = unquote(quoted);
      if (unquoted === undefined) return undefined;
      steps.push(unquoted);
    }
  }
  return steps;
}

/** What was meant where the text is no path: `timeline.0` is `timeline[0]`; undefined = nobody knows. */
export function meantPath(text: string): string | undefined {
  const meant = text.replace(/\.(\d+)(?=\.|\[|$)/g, '[$1]');
  return parsePath(meant) === undefined ? undefined : meant;
}

/** Whether `path` is `prefix` or lies below it. */
export function isWithin(path: Path, prefix: Path): boolean {
  return prefix.length <= path.length && prefix.every((step, i) => step === path[i]);
}

function unquote(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
