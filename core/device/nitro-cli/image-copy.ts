/**
 * Copying the image into the enclave's pages (nitro RULES.md §5.5, write_eif_to_regions).
 *
 * The pages are one line of memory in their order, largest first; bytes from the load offset on
 * receive the file. Invariant: a page is touched exactly when a byte of the image falls into it.
 * The copy ends silently where memory ends (quirk `image-copy-stops`); START then refuses what is
 * too small.
 */
import { PASS, type Rule, refuse } from '../../platform/rule.js';
import { cliRow } from './row.js';

const BYTES_PER_KIB = 1024;

/** Equal pages one after the other. */
interface PagesInARow {
  readonly pageKib: number;
  readonly pages: number;
}

/** Positions [first, end) of the pages that receive image bytes. Offset and size in bytes. */
export function pagesOfImage(
  rows: readonly PagesInARow[],
  offset: number,
  imageBytes: number,
): { readonly first: number; readonly end: number } {
  const first = pagesBelow(rows, offset, Math.floor);
  const end = imageBytes > 0 ? pagesBelow(rows, offset + imageBytes, Math.ceil) : first;
  return { first, end };
}

/** How many pages the first `bytes` of the line take: `round` says whether one in part counts. */
function pagesBelow(
  rows: readonly PagesInARow[],
  bytes: number,
  round: (pages: number) => number,
): number {
  let found = 0;
  let rest = bytes;
  for (const { pageKib, pages } of rows) {
    // Behind the row where the bytes end, less than nothing is left.
    found += Math.min(pages, Math.max(0, round(rest / (pageKib * BYTES_PER_KIB))));
    rest -= pages * pageKib * BYTES_PER_KIB;
  }
  return found;
}

/** A mapped page may have no memory behind it when it is written (a pool that shrank). */
export const PAGE_BACKED: Rule<{ readonly address: number; readonly placed: boolean }> = cliRow({
  id: 'image-page-backed',
  sentence: 'Every page that receives the image has memory behind it.',
  source: '§5.5, last paragraph (issue #232)',
  code: 'E35',
  remedy: 'Do not shrink hugepage pools, or limit them by a cgroup, below what was mapped.',
  check: ({ address, placed }) =>
    placed
      ? PASS
      : refuse({ address }, 'Error while reading from enclave image: no memory behind the page'),
});
