/** The word before a verdict: when nothing came of all that was asked, it is not OK. */
import { describe, expect, it } from 'vitest';
import type { ExpectationResult, TimelineEntry, TimelineKind } from '../../reports/record.js';
import { verdictMark } from '../../reports/terminal/verdict-mark.js';

interface Given {
  readonly ok?: boolean;
  readonly launched?: number;
  readonly expected?: number;
}

/** Entries as `kind` done or `!kind` refused. */
function markOf(entries: readonly string[], { ok = true, launched = 0, expected = 0 }: Given = {}) {
  const timeline = entries.map((entry): TimelineEntry => {
    const kind = entry.replace('!', '') as TimelineKind;
    return { at: 0, kind, text: '', ok: !entry.startsWith('!') };
  });
  const launches = timeline.filter(({ kind }) => kind === 'launch').length;
  const refused = timeline.filter((entry) => !entry.ok).length;
  const verdict = { ok, text: '', launches, launched, refused, running: launched };
  const met: ExpectationResult = { text: '', met: true };
  const expectations = Array.from({ length: expected }, () => met);
  const { text, ink } = verdictMark({ verdict, timeline, expectations });
  return `${text} ${ink}`;
}

describe('reports: the mark of a verdict', () => {
  it.each([
    ['nothing was asked', [], {}, 'OK good'],
    ['a reservation is made', ['reserve'], {}, 'OK good'],
    ['the reservation is refused', ['!reserve'], {}, 'REFUSED bad'],
    ['it is made the second time', ['!reserve', 'reserve'], {}, 'OK good'],
    ['a step is refused and another is done', ['!command', 'command'], {}, 'OK good'],
    ['the parent stops, too', ['!reserve', 'parent'], {}, 'REFUSED bad'],
    ['no launch runs', ['reserve', '!launch'], {}, 'REFUSED bad'],
    ['one runs', ['!reserve', '!launch', 'launch'], { launched: 1 }, 'OK good'],
    ['the refusal was expected', ['!reserve'], { expected: 1 }, 'OK good'],
    ['what was expected did not come', ['!reserve'], { ok: false, expected: 1 }, 'FAILED bad'],
  ] as const)('%s', (_, entries, given, mark) => {
    expect(markOf(entries, given)).toBe(mark);
  });
});
