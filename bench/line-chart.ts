/**
 * A small line chart as SVG text: logarithmic x, linear y from 0, a legend at the line ends.
 *
 * Invariant: the same data gives the same bytes. Trade-off: enough for a README, no more.
 */

export interface Line {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  readonly logX: boolean;
  /** How an x value is written at the axis. */
  readonly tick: (x: number) => string;
}

const WIDTH = 420;
const HEIGHT = 260;
const LEFT = 52;
const RIGHT = 24;
const TOP = 34;
const BOTTOM = 44;
const COLORS = ['#1b6ca8', '#c8553d', '#3a7d44', '#6b4c9a', '#8a6d1b'];

/** Charts side by side in one SVG document. */
export function chartsSvg(charts: readonly Chart[]): string {
  const panels = charts.map(
    (chart, i) => `<g transform="translate(${i * WIDTH} 0)">${panel(chart)}</g>`,
  );
  const width = WIDTH * charts.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" font-family="sans-serif" font-size="11" fill="#333">
<rect width="${width}" height="${HEIGHT}" fill="#fff"/>
${panels.join('\n')}
</svg>
`;
}

function panel({ title, xLabel, yLabel, lines, logX, tick }: Chart): string {
  const points = lines.flatMap((line) => line.points);
  const position = (x: number) => (logX ? Math.log10(x) : x);
  const xs = points.map(({ x }) => position(x));
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const top = niceTop(Math.max(...points.map(({ y }) => y)));
  const across = (x: number) =>
    LEFT + ((position(x) - low) / (high - low || 1)) * (WIDTH - LEFT - RIGHT);
  const up = (y: number) => HEIGHT - BOTTOM - (y / top) * (HEIGHT - TOP - BOTTOM);
  const parts = [
    `<text x="${LEFT}" y="18" font-size="13" font-weight="bold">${escaped(title)}</text>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text transform="translate(12 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escaped(yLabel)}</text>`,
  ];
  for (let i = 0; i <= 4; i++) {
    const y = (top * i) / 4;
    parts.push(
      `<path d="M${LEFT} ${fixed(up(y))}H${WIDTH - RIGHT}" stroke="#ddd"/>`,
      `<text x="${LEFT - 5}" y="${fixed(up(y) + 4)}" text-anchor="end">${Number(y.toPrecision(3))}</text>`,
    );
  }
  const ticks = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  for (const x of ticks) {
    parts.push(
      `<text x="${fixed(across(x))}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${escaped(tick(x))}</text>`,
    );
  }
  for (const [i, line] of lines.entries()) {
    const color = COLORS[i % COLORS.length];
    const path = line.points.map(({ x, y }) => `${fixed(across(x))} ${fixed(up(y))}`).join('L');
    parts.push(`<path d="M${path}" fill="none" stroke="${color}" stroke-width="2"/>`);
    for (const { x, y } of line.points) {
      parts.push(`<circle cx="${fixed(across(x))}" cy="${fixed(up(y))}" r="3" fill="${color}"/>`);
    }
    const labelY = TOP + 6 + 14 * i;
    parts.push(`<text x="${LEFT + 8}" y="${labelY}" fill="${color}">${escaped(line.label)}</text>`);
  }
  return parts.join('\n');
}

/** The next 1, 2 or 5 times a power of ten at or above `value`. */
function niceTop(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return unit * ([1, 2, 5].find((step) => step * unit >= value) ?? 10);
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
