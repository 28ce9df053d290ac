/**
 * Every rule row of every platform, once, with the platforms that have it.
 *
 * Invariant: a row that differs between dated versions (a code that only later lists publish) is one
 * rule here, with the codes of all versions. Trade-off: sentences are those of the newest version.
 */
import { NITRO_CLI_RULES } from '../../core/device/nitro-cli/rules.js';
import { QT_CLI_RULES } from '../../core/device/qt-cli/arguments.js';
import { CPU_ONLINE_RULES } from '../../core/platform/cpu-online.js';
import { profileIds } from '../../core/platform/names.js';
import { findProfile } from '../../core/platform/registry.js';
import type { Rule } from '../../core/platform/rule.js';
import { ROUTE_RULES } from '../../core/trust/route.js';
import type { RaisedBy } from './entry.js';

export interface ListedRule {
  readonly row: Rule<never>;
  readonly platforms: readonly string[];
  readonly codes: readonly string[];
}

let listed: readonly ListedRule[] | undefined;

/** In the order of the platforms, then of their checks. */
export function allRules(): readonly ListedRule[] {
  listed ??= collect();
  return listed;
}

/**
 * Of codes that several rules give, those that whoever books a parent and starts enclaves meets first:
 * limits of the parent and what is left over from before, rather than damaged text and rare states.
 */
export const MET_FIRST: Readonly<Record<string, readonly string[]>> = {
  ENOSPC: ['nitro.hypervisor-slots'],
  ENODEV: ['nitro.device-bound'],
  EPERM: ['nitro.pool-in-use'],
  EIO: ['nitro.creator-only'],
  EINVAL: ['nitro.pool-full-cores', 'nitro.pool-not-cpu0', 'nitro.pool-one-node'],
  E19: ['nitro-cli.image-opens', 'nitro-cli.device-opens'],
  E36: ['nitro-cli.heartbeat-in-time'],
};

/** The rules that name a code; those that are met most first, then in the order of their checks. */
export function rulesGiving(code: string): RaisedBy[] {
  const first = MET_FIRST[code] ?? [];
  const rank = (id: string): number => (first.includes(id) ? first.indexOf(id) : first.length);
  return allRules()
    .filter(({ codes }) => codes.includes(code))
    .map(({ row, platforms }) => ({ rule: row.id, platforms, sentence: row.sentence }))
    .sort((a, b) => rank(a.rule) - rank(b.rule));
}

/** A code's own remedy, then those of the rules that raise it, each once, as one text. */
export function remedyText(own: string, raisedBy: readonly RaisedBy[]): string {
  const remedies = raisedBy.flatMap(({ rule }) =>
    allRules().flatMap(({ row }) => (row.id === rule ? [row.remedy] : [])),
  );
  const texts = [...new Set([own, ...remedies])];
  const said = texts.filter((text) => !texts.some((other) => other !== text && says(other, text)));
  return said.join(' ');
}

/** "Ask for less, or wait." says "Ask for less." too. */
function says(longer: string, shorter: string): boolean {
  return longer.startsWith(shorter.replace(/\.$/, ''));
}

function collect(): ListedRule[] {
  const rules = new Map<string, ListedRule>();
  for (const id of profileIds()) {
    const profile = findProfile(id);
    if (profile === undefined) throw new Error(`the registry lists ${id} and does not find it`);
    for (const row of profile.rules) add(rules, row, profile.platform);
  }
  for (const row of NITRO_CLI_RULES) add(rules, row, 'nitro');
  for (const row of QT_CLI_RULES) add(rules, row, 'qingtian');
  for (const row of CPU_ONLINE_RULES) {
    for (const platform of ['qingtian', 'vm']) add(rules, row, platform);
  }
  for (const row of ROUTE_RULES) {
    for (const platform of ['qingtian', 'nitro']) add(rules, row, platform);
  }
  return [...rules.values()];
}

function add(rules: Map<string, ListedRule>, row: Rule<never>, platform: string): void {
  const known = rules.get(row.id);
  rules.set(row.id, {
    row,
    platforms: [...new Set([...(known?.platforms ?? []), platform])],
    codes: [...new Set([...(known?.codes ?? []), ...row.codes])],
  });
}
