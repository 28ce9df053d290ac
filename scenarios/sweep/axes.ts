/**
 * Axes to variants: every combination of levels, each with the settings that make it.
 *
 * Invariant: variants are in the order of the file, the last axis fastest; labels are unique within
 * an axis, so a variant's name is unique in its sweep.
 */
import { meantPath, type Path, parsePath } from '../schema/path.js';
import { isMapping } from '../schema/plain.js';
import { type Finding, quoteValue } from '../schema/problem.js';
import type { SweepFile } from './schema.js';

export interface Setting {
  /** In the fleet. */
  readonly path: Path;
  readonly value: unknown;
  /** Where its value and its path stand in the sweep file. */
  readonly writtenAt: Path;
  readonly namedAt: Path;
}

export interface Level {
  readonly label: string;
  readonly settings: readonly Setting[];
}

export interface Axis {
  readonly name: string;
  readonly levels: readonly Level[];
}

export interface Variant {
  readonly name: string;
  /** Axis → label. */
  readonly levels: Readonly<Record<string, string>>;
  readonly settings: readonly Setting[];
}

/** The axes of a file, or what is wrong with their names and labels. */
export function readAxes(axes: SweepFile['axes']): { axes: readonly Axis[]; findings: Finding[] } {
  const findings: Finding[] = [];
  const read = Object.entries(axes).map(([name, given]): Axis => {
    const levels = Array.isArray(given)
      ? listed(name, given, findings)
      : named(name, given as Readonly<Record<string, Record<string, unknown>>>, findings);
    if (levels.length === 0) {
      const message = 'the axis has no values, so the sweep would be 0 runs';
      findings.push({ path: ['axes', name], message });
    }
    for (const [i, { label }] of levels.entries()) {
      if (levels.findIndex((level) => level.label === label) === i) continue;
      const message = `the level ${quoteValue(label)} stands here twice`;
      findings.push({ path: ['axes', name, i], message });
    }
    return { name, levels };
  });
  return { axes: read, findings };
}

/** How many variants there would be, without making them. */
export function variantCount(axes: readonly Axis[]): number {
  return axes.reduce((product, { levels }) => product * levels.length, 1);
}

export function variantsOf(axes: readonly Axis[]): readonly Variant[] {
  let variants: readonly Variant[] = [{ name: '', levels: {}, settings: [] }];
  for (const axis of axes) {
    variants = variants.flatMap(({ name, levels, settings }) =>
      axis.levels.map((level) => ({
        name: `${name}${name === '' ? '' : ', '}${axis.name}=${level.label}`,
        levels: { ...levels, [axis.name]: level.label },
        settings: [...settings, ...level.settings],
      })),
    );
  }
  return variants.map((variant) => (variant.name === '' ? { ...variant, name: 'base' } : variant));
}

function listed(name: string, values: readonly unknown[], findings: Finding[]): readonly Level[] {
  const path = pathOf(name, ['axes', name], findings);
  const labels = labelsOf(values);
  return values.map((value, i) => ({
    label: labels[i],
    settings: [{ path, value, writtenAt: ['axes', name, i], namedAt: ['axes', name] }],
  }));
}

function named(
  name: string,
  levels: Readonly<Record<string, Record<string, unknown>>>,
  findings: Finding[],
): readonly Level[] {
  return Object.entries(levels).map(([label, settings]) => ({
    label,
    settings: Object.entries(settings).map(([key, value]) => {
      const at = ['axes', name, label, key];
      return { path: pathOf(key, at, findings), value, writtenAt: at, namedAt: at };
    }),
  }));
}

function pathOf(text: string, at: Path, findings: Finding[]): Path {
  const path = parsePath(text);
  if (path !== undefined) return path;
  const message = `${quoteValue(text)} is not a path into the fleet file`;
  const meant =
    meantPath(text) ?? 'such as policy, workload.arrivals.every or fleet[0].parent.type';
  const suggestion = `write ${meant}`;
  findings.push({ path: at, atKey: true, message, suggestion });
  return [];
}

/** Scalars are their own label, modules that of their file where no other level has it; the rest is numbered. */
function labelsOf(values: readonly unknown[]): string[] {
  const short = values.map((value) => moduleName(value) ?? scalarText(value));
  return values.map((value, i) => {
    const isOwn =
      moduleName(value) === undefined || short.filter((one) => one === short[i]).length === 1;
    return (isOwn ? short[i] : undefined) ?? `#${i + 1}`;
  });
}

function scalarText(value: unknown): string | undefined {
  return value === null || typeof value === 'object' ? undefined : String(value);
}

/** Of `{ module: policies/mine.mjs }`: `mine.mjs`. */
function moduleName(value: unknown): string | undefined {
  if (!isMapping(value) || Object.keys(value).length !== 1) return undefined;
  const { module } = value;
  return typeof module === 'string' ? module.replace(/^.*\//, '') : undefined;
}
