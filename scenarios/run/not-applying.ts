/**
 * What of a file does not apply where a run takes it to a platform that the file is not for.
 *
 * Invariant: none of it is wrong input; the run is made, and each part that it leaves out, lacks or can
 * never meet is named with its place. Trade-off: only what the file states is looked at, so what a
 * platform refuses by a rule of its own is told by that refusal alone.
 */
import type { Profile } from '../../core/platform/profile.js';
import { commandsNotTaken } from '../schema/commands-apart.js';
import type { ExpectedId } from '../schema/expected-ids.js';
import { type PlacedReservation, pageSizesNotTaken } from '../schema/page-size.js';
import { formatPath } from '../schema/path.js';
import { under } from '../schema/plain.js';
import { familyOf } from '../schema/platforms.js';
import type { Finding } from '../schema/problem.js';
import { reservationsOf } from '../schema/references.js';
import type { Platform } from './platform.js';
import { cannotCome } from './unknown-ids.js';

/** `stated`: names of platforms that the file is for. In the order of the platforms, then of the file. */
export async function notApplying(
  scenario: unknown,
  expected: readonly ExpectedId[],
  stated: readonly string[],
  platforms: readonly Platform[],
): Promise<Finding[]> {
  const own = stated.map(familyOf);
  const strange = platforms.filter(({ profile }) => !own.includes(profile.platform));
  if (own.length === 0 || strange.length === 0) return [];
  const reservations = reservationsOf(scenario);
  const found = strange.map(async (platform) => [
    ...pageSizesNotTaken(platform.profile.platform, reservations),
    ...pageSizesMissing(platform.profile, reservations),
    ...commandsNotTaken(platform.profile.platform, scenario),
    ...(await cannotCome(expected, platform)),
  ]);
  return (await Promise.all(found)).flat();
}

/** QingTian's configuration must name a page size, and the files of others do not. */
function pageSizesMissing(
  { platform }: Profile,
  reservations: readonly PlacedReservation[],
): Finding[] {
  if (platform !== 'qingtian') return [];
  const message = 'QingTian asks for a `pageSize`, 2MiB or 1GiB, and none is given';
  return reservations
    .filter(({ value }) => value !== undefined)
    .filter(({ value }) => under(value, 'pageSize') === undefined)
    .filter(({ value }) => under(value, 'text') === undefined)
    .map(({ path }) => {
      const suggestion = `such as --set ${formatPath([...path, 'pageSize'])}=1GiB`;
      return { path, atKey: true, message, suggestion };
    });
}
