/**
 * Which platforms take the `pageSize` of a reservation: QingTian alone does.
 *
 * Invariant: scenarios and fleets, first reservations and later ones, say the same of it; where
 * QingTian is one of the platforms stated, the key is for QingTian. The value is no business of this
 * file: a size that QingTian does not have is a legal input that the platform refuses.
 */
import type { Path } from './path.js';
import { under } from './plain.js';
import { familyOf } from './platforms.js';
import type { Finding } from './problem.js';

/** What the platforms without the key do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  nitro: 'Nitro chooses page sizes itself',
  vm: 'plain VMs reserve nothing',
};

/** `family`: of a platform that exists. */
export function takesPageSize(family: string): boolean {
  return !(family in INSTEAD);
}

export interface PlacedReservation {
  readonly path: Path;
  /** As written, or as read. */
  readonly value: unknown;
}

/** `platforms`: the names stated, all of which exist. */
export function strayPageSizes(
  platforms: readonly string[],
  reservations: readonly PlacedReservation[],
): Finding[] {
  const families = platforms.map(familyOf);
  if (families.length === 0 || families.some(takesPageSize)) return [];
  const instead = [...new Set(families)].map((family) => INSTEAD[family]);
  const message = `\`pageSize\` is a QingTian setting; ${instead.join(', ')}`;
  return withPageSize(reservations).map(({ path }) => ({
    ...{ path: [...path, 'pageSize'], atKey: true, message },
    suggestion: 'leave it out',
  }));
}

/** Those that a run on a platform leaves out, though the file that gives them is not for it. */
export function pageSizesNotTaken(
  family: string,
  reservations: readonly PlacedReservation[],
): Finding[] {
  const instead: string | undefined = INSTEAD[family];
  if (instead === undefined) return [];
  const message = `does not apply on ${family}: ${instead}`;
  return withPageSize(reservations).map(({ path }) => ({
    ...{ path: [...path, 'pageSize'], atKey: true, message },
  }));
}

function withPageSize(reservations: readonly PlacedReservation[]): PlacedReservation[] {
  return reservations.filter(({ value }) => under(value, 'pageSize') !== undefined);
}
