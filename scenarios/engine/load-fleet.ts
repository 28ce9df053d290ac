/**
 * A fleet file's text to a checked fleet, or to everything that is wrong with it.
 *
 * Invariant: whatever the text, the answer is a fleet or at least one problem; the parents described
 * can be built as shapes. What a platform says of them is found when they are built.
 */

import { FLEET_POLICIES } from '../../core/placement/fleet-policies.js';
import { platformNamed, profileIds } from '../../core/platform/names.js';
import { nearestWord } from '../../core/units/nearest-word.js';
import { IssueExplainer } from '../schema/explain-issue.js';
import { otherKind } from '../schema/file-kind.js';
import { type PlacedReservation, strayPageSizes } from '../schema/page-size.js';
import { parentShape } from '../schema/parent-topology.js';
import { formatPath } from '../schema/path.js';
import { familyOf } from '../schema/platforms.js';
import { moduleForm, policyWordElsewhere } from '../schema/policies-apart.js';
import { type Finding, type Problem, quoteValue, sortProblems } from '../schema/problem.js';
import { readTree } from '../schema/yaml-tree.js';
import { type FleetFile, fleetSchema } from './schema.js';
import { TRACE_FORMATS, type TraceColumns } from './trace/columns.js';

export interface LoadedFleet {
  readonly fleet: FleetFile;
  readonly problemAt: (finding: Finding) => Problem;
}

const MOST_EXPLAINED = 200;

export function loadFleet(
  text: string,
  file: string,
): LoadedFleet | { readonly problems: readonly Problem[] } {
  const tree = readTree(text);
  if ('faults' in tree) {
    return { problems: sortProblems(tree.faults.map((fault) => ({ file, path: '', ...fault }))) };
  }
  const problemAt = ({ path, atKey, message, suggestion }: Finding): Problem => ({
    file,
    ...tree.locate(path, atKey),
    path: formatPath(path),
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  const other = otherKind(tree.value, 'fleetVersion');
  if (other !== undefined)
    return { problems: sortProblems([...tree.findings, other].map(problemAt)) };
  const checked = fleetSchema.safeParse(tree.value);
  const findings = checked.success
    ? contradictions(checked.data)
    : new IssueExplainer(fleetSchema, tree.value).explain(
        checked.error.issues.slice(0, MOST_EXPLAINED),
      );
  const problems = [...tree.findings, ...findings].map(problemAt);
  if (problems.length > 0 || !checked.success) return { problems: sortProblems(problems) };
  return { fleet: checked.data, problemAt };
}

function contradictions(fleet: FleetFile): Finding[] {
  const findings: Finding[] = [];
  const { platform, policy, parentEvents, workload } = fleet;
  if (platformNamed(platform) === undefined) {
    findings.push(unknownWord(['platform'], 'platform', platform, profileIds()));
  } else {
    findings.push(...strayPageSizes([platform], reservations(fleet)));
    if (fleet.blind && familyOf(platform) !== 'vm') {
      const message = `only plain VMs may span nodes as they like; an enclave of ${platform} has its node`;
      findings.push({ path: ['blind'], atKey: true, message, suggestion: 'leave `blind` out' });
    }
  }
  if (typeof policy === 'string' && !FLEET_POLICIES.some(({ name }) => name === policy)) {
    const names = FLEET_POLICIES.map(({ name }) => name);
    const suggestion = policyWordElsewhere('policy', policy) ?? moduleForm(policy);
    const unknown = unknownWord(['policy'], 'policy', policy, names);
    findings.push(suggestion === undefined ? unknown : { ...unknown, suggestion });
  }
  let parents = 0;
  for (const [i, entry] of fleet.fleet.entries()) {
    // How many servers a table has is known when it is read.
    parents += 'servers' in entry ? Number.POSITIVE_INFINITY : entry.count;
    if ('servers' in entry) continue;
    const shape = parentShape(entry.parent);
    if (!('findings' in shape)) continue;
    const at = (one: Finding): Finding => ({ ...one, path: ['fleet', i, ...one.path] });
    findings.push(...shape.findings.map(at));
  }
  findings.push(...strayEvents(parentEvents, parents));
  if ('trace' in workload) findings.push(...columnContradictions(workload.trace));
  else findings.push(...arrivalContradictions(workload.arrivals));
  return findings;
}

type Arrivals = Exclude<FleetFile['workload'], { readonly trace: unknown }>['arrivals'];

/** How often requests come is said once. */
function arrivalContradictions({ every, rate }: Arrivals): Finding[] {
  const path = ['workload', 'arrivals'];
  if (every === undefined && rate === undefined) {
    const message = 'nothing says how often requests come';
    return [{ path, message, suggestion: 'add `every: 30s` or `rate: 2/s`' }];
  }
  if (every === undefined || rate === undefined) return [];
  const message = '`every` and `rate` say the same thing; keep one';
  return [{ path: [...path, 'rate'], atKey: true, message }];
}

/** Of entries, and of events of parents. */
function reservations({ fleet, parentEvents }: FleetFile): PlacedReservation[] {
  return [
    ...fleet.map(({ reservation: value }, i) => ({ path: ['fleet', i, 'reservation'], value })),
    ...parentEvents.map((event, i) => ({
      path: ['parentEvents', i, 'reservation'],
      value: event.what === 'reserve' ? event.reservation : undefined,
    })),
  ];
}

type Trace = Extract<FleetFile['workload'], { readonly trace: unknown }>['trace'];

function columnContradictions({ columns, groups }: Trace): Finding[] {
  const findings: Finding[] = [];
  const path = ['workload', 'trace', 'columns'];
  const mapped: TraceColumns = typeof columns === 'string' ? TRACE_FORMATS[columns] : columns;
  if (typeof columns !== 'string') {
    const { at, end, lifetime, group, groupRule, groupNames } = columns;
    if (end !== undefined && at === undefined) {
      const message = '`end` is a moment like `at`, which is not mapped';
      const suggestion = 'map `at`, or call it `lifetime`';
      findings.push({ path: [...path, 'end'], atKey: true, message, suggestion });
    }
    if (end !== undefined && lifetime !== undefined) {
      const message = '`end` and `lifetime` contradict each other; keep one';
      findings.push({ path: [...path, 'lifetime'], atKey: true, message });
    }
    if ((group === undefined) !== (groupRule === undefined)) {
      const key = group === undefined ? 'groupRule' : 'group';
      const message = '`group` and `groupRule` say something only together';
      findings.push({ path: [...path, key], atKey: true, message });
    } else if (groupNames !== undefined && group === undefined) {
      const message = '`groupNames` says how `group` is read, which is not mapped';
      findings.push({ path: [...path, 'groupNames'], atKey: true, message });
    }
  }
  if (groups === 'keep' && mapped.group === undefined && mapped.groupRule === undefined) {
    const message = 'there are no groups to keep: `columns` says neither `group` nor `groupRule`';
    findings.push({ path: ['workload', 'trace', 'groups'], message });
  }
  return findings;
}

/** Events of parents that the fleet does not have. */
export function strayEvents(events: FleetFile['parentEvents'], parents: number): Finding[] {
  return events.flatMap(({ parent }, i): Finding[] => {
    if (parent < parents) return [];
    const message = `there is no parent ${parent}; the fleet has 0 to ${parents - 1}`;
    return [{ path: ['parentEvents', i, 'parent'], message }];
  });
}

function unknownWord(
  path: Finding['path'],
  what: string,
  word: string,
  known: readonly string[],
): Finding {
  const near = nearestWord(word, known);
  const suggestion =
    near === undefined ? `known: ${known.join(', ')}` : `did you mean \`${near}\`?`;
  return { path, message: `unknown ${what} ${quoteValue(word)}`, suggestion };
}
