/**
 * The targets of queries: each of the five, of a default and of a measured pool, at both sizes of node.
 *
 * Invariant: a row says which pool it is of, and of a default pool that answers by what it remembers that it
 * does. Trade-off: twenty rows, since one that is met on a small node of one kind says nothing of the others.
 */
import { NODE_SIZES, type NodeSize } from './hot-path/churned.js';
import { nsOf } from './hot-path/ns-of.js';
import { FREE_FRAMES, QUERIES, type Query, queryName } from './hot-path/query-names.js';
import type { Bound, Results } from './targets.js';

const MOST_NS = 10;

export function queryBounds(results: Results): Bound[] {
  return [false, true].flatMap((measured) =>
    NODE_SIZES.flatMap((size) => QUERIES.map((query) => boundOf(results, query, measured, size))),
  );
}

function boundOf(results: Results, query: Query, measured: boolean, size: NodeSize): Bound {
  const pool = measured ? 'measured pool' : 'default pool';
  const how = query.remembered && !measured ? ', remembered' : '';
  return {
    sentence: `query ${query.what}, ${pool}, ${size}${how}, ns`,
    bound: MOST_NS,
    sense: 'at-most',
    value: nsOf(results.hotPath, queryName(query.what, measured, size))?.median,
    why: () => whyQuery(results, query, measured, size),
  };
}

/** A query takes long: beside it what the same loop takes that reads one word. */
function whyQuery(results: Results, query: Query, measured: boolean, size: NodeSize): string {
  const { what } = query;
  const ours = nsOf(results.hotPath, queryName(what, measured, size));
  const bare = nsOf(results.hotPath, queryName(FREE_FRAMES, measured, size));
  if (ours === undefined || bare === undefined) return 'no bare read was measured beside it';
  return `the same loop around a bare read of one word takes ${bare.median.toFixed(1)} ns (minima: ours ${ours.minimum.toFixed(1)}, the read ${bare.minimum.toFixed(1)})`;
}
