/**
 * The parent of a scenario whose form may be wrong in places: what can be told of it all the same.
 *
 * Invariant: a finding here follows from parts that are well formed, so mending the others does not
 * make it go away. A shape comes out only when the part that makes it is well formed as a whole.
 */
import type * as z from 'zod';
import { checkFreeRanges } from './free-ranges.js';
import { BOTH, type ParentShape, parentShape, topologyFindings } from './parent-topology.js';
import { isMapping, listOf, textOf, under } from './plain.js';
import type { Finding } from './problem.js';
import { memoryLayoutSchema, parentSchema, topologySchema } from './scenario.js';

/** What is wrong with a plain `parent`, beside what its schema says. */
export function parentFindings(parent: unknown): readonly Finding[] {
  if (!isMapping(parent)) return [];
  const shape = readShape(parent);
  if (shape === undefined) return [];
  if ('findings' in shape) return shape.findings;
  const layout = memoryLayoutSchema.safeParse(under(parent, 'memoryLayout'));
  return layout.success ? checkFreeRanges(layout.data, shape) : [];
}

function readShape(
  parent: Readonly<Record<string, unknown>>,
): ParentShape | { readonly findings: readonly Finding[] } | undefined {
  const defaults = parentSchema.parse({});
  const { type, topology } = parent;
  if (topology === undefined) {
    if (type !== undefined && textOf(type) === undefined) return undefined;
    const misspelt = Object.keys(parent).some((key) => !Object.hasOwn(parentSchema.shape, key));
    if (type === undefined && misspelt) return undefined;
    return parentShape({ ...defaults, type: textOf(type) });
  }
  if (type !== undefined) return { findings: [BOTH] };
  const read = topologySchema.safeParse(topology);
  if (read.success) return parentShape({ ...defaults, topology: read.data });
  const mended = topologySchema.safeParse(mend(topology, read.error.issues));
  return mended.success ? { findings: topologyFindings(mended.data) } : undefined;
}

/**
 * A copy of a topology with the malformed parts that its CPUs do not depend on taken out: keys that
 * are unknown, holes, page sizes, and the memory of nodes.
 */
function mend(topology: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  if (!isMapping(topology)) return topology;
  const strangers = (path: readonly PropertyKey[]): readonly string[] =>
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' && String(issue.path) === String(path) ? issue.keys : [],
    );
  const nodes = listOf(under(topology, 'nodes')).map((node, index) =>
    isMapping(node)
      ? { ...without(node, [...strangers(['nodes', index]), 'holes']), memory: 1 }
      : node,
  );
  return { ...without(topology, [...strangers([]), 'pageSizes']), nodes };
}

function without(
  owner: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(owner).filter(([key]) => !keys.includes(key)));
}
