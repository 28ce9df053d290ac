/** All rule ids and published codes, of every platform. Invariant: each of them can be explained. */
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

/** Those that a refusal of a run can name. */
export function knownRules(): string[] {
  return [
    ...allRules().map(({ row }) => row.id),
    ...loneRuleEntries(new Map()).map(({ code }) => code),
    ...Object.keys(SERVICE_EXITS).map((reason) => `service-${reason}`),
  ];
}

export function knownCodes(): string[] {
  const entries = [
    ...qtEntries(),
    ...cliEntries(),
    ...driverEntries(),
    ...errnoEntries(),
    ...serviceEntries(),
  ];
  const ofExits = Object.values(SERVICE_EXITS).flatMap(({ codes }) => codes);
  const ofRules = allRules().flatMap(({ codes }) => codes);
  return [...new Set([...entries.map(({ code }) => code), ...ofExits, ...ofRules])];
}
