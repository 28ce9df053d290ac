/** The few signs a report uses, in Unicode and in ASCII; the maps' own are in owner-glyph.ts. */
import type { Style } from './style.js';

export interface Marks {
  readonly yes: string;
  readonly no: string;
  readonly more: string;
  readonly times: string;
  readonly between: string;
  readonly causedBy: string;
  readonly to: string;
  /** Levels of a sparkline, lowest first. */
  readonly levels: readonly string[];
}

const UNICODE: Marks = {
  yes: '✓',
  no: '✗',
  more: '…',
  times: '×',
  between: ' · ',
  causedBy: ' ← ',
  to: '→',
  levels: [...'▁▂▃▄▅▆▇█'],
};
const ASCII: Marks = {
  yes: '+',
  no: 'x',
  more: '...',
  times: 'x',
  between: ' | ',
  causedBy: ' <- ',
  to: '->',
  levels: [...'_.-:=+*#'],
};

export function marksOf(style: Style): Marks {
  return style.unicode ? UNICODE : ASCII;
}
