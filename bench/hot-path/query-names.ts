/**
 * The five questions about a node's memory that a target is of, asked of both kinds of pool at both sizes.
 *
 * Invariant: `remembered` says of a question that a pool which is not `measured` answers it by what it found
 * when it was last asked, as long as that holds; a measured pool has every answer at hand. What looking
 * for it anew costs is in `worst-queries`. Trade-off: units of 2 GiB stand for all larger than
 * a granule; those of 1 GiB are counted in every pool, and would show a default pool better than it is.
 */
import type { NodeSize } from './churned.js';

export interface Query {
  readonly what: string;
  readonly remembered: boolean;
}

export const FREE_FRAMES = 'free frames';
export const PAGES = '1G pages possible';
export const LARGEST_RUN = 'largest free run';
export const ALIGNED_RUN = 'largest run of aligned 2G units';
export const FRAGMENTATION = 'fragmentation indexes of 2G units';

export const QUERIES: readonly Query[] = [
  { what: FREE_FRAMES, remembered: false },
  { what: PAGES, remembered: false },
  { what: LARGEST_RUN, remembered: true },
  { what: ALIGNED_RUN, remembered: true },
  { what: FRAGMENTATION, remembered: true },
];

/** Without the size, as `atBothSizes` adds it. */
export function queryBody(what: string, measured: boolean): string {
  return `query: ${what}${measured ? ', measured' : ''}`;
}

/** The body of a question as it stands in the table. */
export function queryName(what: string, measured: boolean, size: NodeSize): string {
  return `${queryBody(what, measured)}, ${size}`;
}
