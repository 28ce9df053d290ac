/**
 * What `npm pack` and `npm publish` do to package.json: a peer of the bench is an optional dependency of
 * the checkout and none of the package, and what builds the checkout is no script of the package, which
 * holds neither sources nor compiler: an install inside the unpacked folder would fail over it.
 *
 * `prepack` builds, then calls both by other names, which npm does not know; `postpack` gives the names
 * back. Invariant: nothing but names changes, nothing is kept aside, so that after a crash between the
 * two `npm run postpack` is all it takes, whatever was edited meanwhile; the tests notice the other names.
 * Trade-off: the packed manifest still shows both, as text.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the checkout and in the package. */
const NAMES = [
  ['"optionalDependencies": {', '"benchDependencies": {'],
  ['"prepare": "', '"prepareCheckout": "'],
] as const;

const [order] = process.argv.slice(2);
const file = join(process.cwd(), 'package.json');
const text = readFileSync(file, 'utf8');
const named = NAMES.reduce((before, [checkout, packed]) => {
  return order === 'leave-out'
    ? before.replace(checkout, packed)
    : before.replace(packed, checkout);
}, text);
if (named !== text) {
  // Whole or not at all.
  writeFileSync(`${file}.new`, named);
  renameSync(`${file}.new`, file);
}
