/**
 * Where the author of a sweep wrote what a variant's fleet is wrong about.
 *
 * A variant is loaded and run as a text that nobody wrote. Invariant: a problem with it points into the
 * sweep file where a level set the value, else into the base fleet, whether it shows before the first run or
 * in one; what only some variants have names them. Trade-off: a run that fails stops the sweep at the first
 * such run, so of a fault in runs one is told, with the seed under which it shows again.
 */
import { formatPath, isWithin, type Path, parsePath } from '../schema/path.js';
import type { Finding, Problem } from '../schema/problem.js';
import type { YamlTree } from '../schema/yaml-tree.js';
import type { Variant } from './axes.js';
import type { RunFault } from './run-task.js';

export type PlaceProblem = (finding: Finding) => Problem;

export function placer(tree: YamlTree, file: string): PlaceProblem {
  return ({ path, atKey, message, suggestion }) => ({
    file,
    ...tree.locate(path, atKey),
    path: formatPath(path),
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

export interface Base {
  readonly value: unknown;
  readonly fleetFile: string;
  readonly place: PlaceProblem;
}

export interface Places {
  readonly base: Base;
  readonly inSweep: PlaceProblem;
}

/** A problem, and the variant that has it, where its place does not tell the level that made it. */
export interface Found {
  readonly problem: Problem;
  readonly name?: string;
}

/** From a place in the variant's own text, which nobody wrote, to where its value was written. */
export function relocate(variant: Variant, { base, inSweep }: Places): (p: Problem) => Found {
  const { name } = variant;
  return (problem) => {
    if (problem.file !== base.fleetFile) return { problem, name };
    const path: Path = problem.path === '' ? [] : (parsePath(problem.path) ?? []);
    const { message, suggestion } = problem;
    const setter = variant.settings.findLast((setting) => isWithin(path, setting.path));
    if (setter === undefined) return { problem: base.place({ path, message, suggestion }), name };
    const below = path.slice(setter.path.length);
    return { problem: inSweep({ path: [...setter.writtenAt, ...below], message, suggestion }) };
  };
}

/** Each once; one that only some variants have names them, since its line is what all share. */
export function withVariants(found: readonly Found[], variants: number): Problem[] {
  const all = new Map<string, { readonly problem: Problem; readonly names: string[] }>();
  for (const { problem, name } of found) {
    const key = JSON.stringify(problem);
    const known = all.get(key) ?? { problem, names: [] };
    if (name !== undefined) known.names.push(name);
    all.set(key, known);
  }
  return [...all.values()].map(({ problem, names }) => {
    if (names.length === 0 || names.length === variants) return problem;
    const more = names.length > 1 ? ` and ${names.length - 1} more` : '';
    return { ...problem, message: `${problem.message}; in the variant ${names[0]}${more}` };
  });
}

/** What a run found, with what makes that run again. */
export function placedFault(variant: Variant, fault: RunFault, places: Places): Problem[] {
  const found =
    'problems' in fault
      ? fault.problems.map((one) => relocate(variant, places)(one).problem)
      : [places.inSweep(NOBODY_COUNTED)];
  const run = `in the variant ${variant.name}, under seed ${fault.seed}`;
  return found.map((one) => ({ ...one, message: `${one.message}; ${run}` }));
}

const NOBODY_COUNTED: Finding = {
  path: ['warmup', 'time'],
  message: 'leaves no request to count',
};
