/**
 * All rule ids and published codes, of every platform, with the platforms that can say each.
 *
 * Invariant: each of them can be explained. Trade-off: versions of one platform are taken together, so
 * a code that only a later list publishes is known of the platform.
 */
import { CONF_TEXT } from '../../core/device/qt-cli/service.js';
import { SERVICE_EXITS } from '../../core/device/reservation/exits.js';
import {
  cliEntries,
  driverEntries,
  errnoEntries,
  qtEntries,
  serviceEntries,
} from './code-entries.js';
import { loneRuleEntries } from './lone-rules.js';
import { allRules } from './rule-list.js';

/** Id → the platforms (`qingtian`, `nitro`, `vm`) that can say it. */
export type KnownIds = ReadonlyMap<string, readonly string[]>;

/** Those that a refusal of a run can name. */
export function knownRules(): KnownIds {
  return new Map([
    ...allRules().map(({ row, platforms }) => [row.id, platforms] as const),
    ...loneRuleEntries().map(({ code }) => [code, LONE[code] ?? ALL] as const),
    ...Object.keys(SERVICE_EXITS).map((reason) => [`service-${reason}`, NITRO] as const),
  ]);
}

export function knownCodes(): KnownIds {
  const known = new Map<string, readonly string[]>();
  const add = (code: string, platforms: readonly string[]): void => {
    known.set(code, [...new Set([...(known.get(code) ?? []), ...platforms])]);
  };
  for (const { code } of qtEntries()) add(code, QINGTIAN);
  for (const entries of [cliEntries(), driverEntries(), errnoEntries(), serviceEntries()]) {
    for (const { code } of entries) add(code, NITRO);
  }
  for (const { codes } of Object.values(SERVICE_EXITS)) {
    for (const code of codes) add(code, NITRO);
  }
  for (const { codes, platforms } of allRules()) {
    for (const code of codes) add(code, platforms);
  }
  return known;
}

const QINGTIAN = ['qingtian'];
const NITRO = ['nitro'];
const ALL = ['qingtian', 'nitro', 'vm'];
/** Of rules that stand in no table of rows; those of every platform are not here. */
const LONE: Readonly<Record<string, readonly string[]>> = {
  'nitro-cli.usage': NITRO,
  [CONF_TEXT.id]: QINGTIAN,
};
