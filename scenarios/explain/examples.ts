/**
 * A real refusal per rule where a small host can show one: what it says, with the numbers compared.
 *
 * Each probe is a host, the steps before, and a command that breaks some rule; `diagnose` then says
 * every row's verdict, and the first refusal of each row is kept. Invariant: examples are computed by
 * the rules themselves, so a changed rule changes its example. Trade-off: rows that need a rare
 * state (a race, a failing disk) have none.
 */
import type { Command } from '../../core/host/command.js';
import { describeHost, type HostDescription } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import { routeOf } from '../../core/trust/route.js';
import type { Entry, Example } from './entry.js';
import { NITRO_PROBES } from './nitro-probes.js';
import { QINGTIAN_PROBES } from './qingtian-probes.js';
import { ROUTE_PROBES } from './route-probes.js';
import { VM_PROBES } from './vm-probes.js';

export interface Probe {
  readonly on: HostDescription;
  /** Steps taken first; they may be refused. */
  readonly after?: readonly Command[];
  readonly ask: Command;
}

/** Entries with the examples that there are: a rule's own, a code's of the first rule behind it that has one. */
export function withExamples(entries: readonly Entry[]): Entry[] {
  const behind = entries.map(({ family, code, raisedBy }) =>
    family === 'rule' ? [code] : raisedBy.map(({ rule }) => rule),
  );
  const wanted = behind.flat();
  const examples = wanted.length === 0 ? new Map<string, Example>() : refusalExamples();
  return entries.map((entry, i) => {
    const rule = behind[i].find((one) => examples.has(one));
    const example = rule === undefined ? undefined : examples.get(rule);
    return example === undefined ? entry : { ...entry, example };
  });
}

/** Rule id → a refusal it gave. A hundred hosts are made for them. */
function refusalExamples(): Map<string, Example> {
  const examples = new Map<string, Example>();
  for (const probe of [...QINGTIAN_PROBES, ...NITRO_PROBES, ...VM_PROBES]) {
    for (const [rule, example] of refusedBy(probe)) {
      if (!examples.has(rule)) examples.set(rule, example);
    }
  }
  for (const { on, after, ask } of ROUTE_PROBES) {
    const host = hostOf(on);
    for (const command of after) runInPlace(host, command);
    const route = routeOf(host, ask);
    if (!('refusal' in route)) throw new Error('a probe of a route is not refused');
    const { rule, message, numbers } = route.refusal;
    examples.set(rule, { message, numbers });
  }
  return examples;
}

function refusedBy({ on, after = [], ask }: Probe): [string, Example][] {
  const host = hostOf(on);
  for (const command of after) runInPlace(host, command);
  const found: [string, Example][] = [];
  for (const { rule, outcome } of host.profile.diagnose(host, ask) ?? []) {
    if (outcome.verdict !== 'refuse') continue;
    const { message, numbers } = outcome;
    found.push([rule, { message, numbers }]);
  }
  // A row raised by the step itself is in no diagnosis.
  const { refusal } = runInPlace(host, ask);
  if (refusal !== undefined) {
    const { rule, message, numbers } = refusal;
    found.push([rule, { message, numbers }]);
  }
  return found;
}

function hostOf(description: HostDescription): Host {
  const described = describeHost(description);
  if ('host' in described) return described.host;
  const problems = described.problems.map(({ path, message }) => `${path}: ${message}`);
  throw new Error(`a probe describes no host: ${problems.join('; ')}`);
}
