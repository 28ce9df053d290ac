/**
 * The kernel's CPU lists a second time: one regular expression a region instead of a reader.
 *
 * Invariant: shares no code with core/. Source: conformance format, section 1, emulation.
 */
export const list = (ids: Iterable<number>): string =>
  [...new Set(ids)]
    .sort((a, b) => a - b)
    .reduce<[number, number][]>((runs, id) => {
      const last = runs.at(-1);
      if (last !== undefined && last[1] === id - 1) last[1] = id;
      else runs.push([id, id]);
      return runs;
    }, [])
    .map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`))
    .join(',');

export const unlist = (text: string): number[] =>
  text
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [a = 0, b = a] = part.split('-').map(Number);
      return Array.from({ length: b - a + 1 }, (_, i) => a + i);
    });

/** The kernel's list grammar by one regular expression a region. */
export function parseList(text: string, nr: number): number[] | number {
  const set = new Set<number>();
  let rest = text;
  const number = (word: string): number | undefined => (word === 'N' ? nr - 1 : Number(word));
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '');
    if (rest === '') return [...set].sort((a, b) => a - b);
    const found =
      /^(?:([aA][lL][lL])|(\d+|N)(?:(-)(\d+|N)?)?)(?:(:)(\d+|N)?(?:(\/)(\d+|N)?)?)?/.exec(rest);
    if (found === null) return -22;
    const [whole, all, from, dash, to, colon, used, slash, group] = found;
    const after = rest.slice(whole.length);
    // What cannot follow a lone number at all is noticed before the rest is read.
    const start = all ? 0 : number(from ?? '');
    if (start === undefined || start > 4294967295) return -75;
    if (!all && !dash && (colon || (after !== '' && !/^[\s,]/.test(after)))) return -22;
    if (dash && to === undefined) return -22;
    const end = all ? nr - 1 : dash ? number(to ?? '') : start;
    if (end === undefined || end > 4294967295) return -75;
    let step = (end + 1) % 4294967296;
    let take = step;
    let ends = false;
    if (colon) {
      if (used === undefined) return -22;
      take = number(used) ?? 0;
      if (take > 4294967295) return -75;
      if (!slash || group === undefined) return -22;
      step = number(group) ?? 0;
      if (step > 4294967295) return -75;
    } else {
      if (after !== '' && !/^[\s,]/.test(after)) return -22;
      ends = after.startsWith('\n');
    }
    if (start > end || step === 0 || take > step) return -22;
    if (end >= nr) return -34;
    for (let id = start; id <= end; id++) if ((id - start) % step < take) set.add(id);
    rest = ends ? '' : after;
  }
}
