/**
 * What `npm pack` and `npm publish` do to package.json: a peer of the bench is an optional dependency of
 * the checkout and none of the package.
 *
 * `prepack` calls the field by another name, which npm does not know; `postpack` gives the name back.
 * Invariant: nothing but the name changes, nothing is kept aside, so that after a crash between the two
 * `npm run postpack` is all it takes, whatever was edited meanwhile; the tests notice the other name.
 * Trade-off: the packed manifest still shows the field, as text.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const INSTALLED = '"optionalDependencies": {';
const PACKED = '"benchDependencies": {';

const [order] = process.argv.slice(2);
const names = order === 'leave-out' ? [INSTALLED, PACKED] : [PACKED, INSTALLED];
const [from, to] = names as [string, string];
const file = join(process.cwd(), 'package.json');
const text = readFileSync(file, 'utf8');
if (text.includes(from)) {
  // Whole or not at all.
  writeFileSync(`${file}.new`, text.replace(from, to));
  renameSync(`${file}.new`, file);
}
