/**
 * The parents of a fleet file, built and prepared: described one by one, or read from tables of servers.
 *
 * Invariant: parents are in the order of the file, a table's in the order of its rows; the first
 * parent of an entry that cannot be built, or whose reservation is refused, stands for the rest. What is
 * remarked of an entry is asked before its reservation, which takes cores from the parent.
 */
import { resolve } from 'node:path';
import { type Described, describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { derivedLines } from '../../core/platform/derived.js';
import type { Profile } from '../../core/platform/profile.js';
import type { Refusal } from '../../core/refusal/refusal.js';
import { buildHost, optionFindings, optionsFor } from '../run/build-host.js';
import { loadPlatform } from '../run/platform.js';
import { takesPageSize } from '../schema/page-size.js';
import { familyOf } from '../schema/platforms.js';
import type { Finding, Problem } from '../schema/problem.js';
import { type Carrier, newCarrier } from './carrier.js';
import type { CheckProgress } from './check-progress.js';
import { sha256Of } from './file-hash.js';
import { parentAt } from './parent-layout.js';
import { type FleetFile, MOST_PARENTS } from './schema.js';
import { describeServer, readServers, SERVER_FORMATS } from './trace/read-servers.js';

export interface Parents {
  readonly hosts: readonly Host[];
  readonly carriers: readonly Carrier[];
  /** Why nothing can run on the parents of an entry, a line each. */
  readonly remarks: readonly string[];
}

/** `findings`: in the fleet file; `problems`: in a table. */
export interface Unbuilt {
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  /** The reservations refused: each is among the findings, too. */
  readonly refused: readonly RefusedEntry[];
}

/** A reservation that the platform refuses the parents of an entry. */
export interface RefusedEntry {
  /** Position in the file's `fleet`. */
  readonly entry: number;
  readonly refusal: Refusal;
}

type Entry = FleetFile['fleet'][number];
type ServerEntry = Extract<Entry, { readonly servers: unknown }>;

/**
 * `folder`: what the paths of tables start from. Adds their hashes to `contents`. `progress` is told of
 * each parent; `goOn` is awaited after each, and false = there is no need of them: undefined.
 */
export async function buildParents(
  file: FleetFile,
  folder: string,
  contents: Record<string, string>,
  progress: CheckProgress | undefined,
  goOn: () => Promise<boolean>,
): Promise<Parents | Unbuilt | undefined> {
  const { fleet, platform, options, seed } = file;
  const { profile, newSurface } = await loadPlatform(platform);
  const hosts: Host[] = [];
  const carriers: Carrier[] = [];
  const findings: Finding[] = [];
  const problems: Problem[] = [];
  const refused: RefusedEntry[] = [];
  const remarks = new Set<string>();
  const built = progress?.steps('parents built');
  const total = countOf(fleet);
  const tooMany = tooManyParents(total);
  if (tooMany !== undefined) return { findings: [tooMany], problems, refused };
  for (const [i, entry] of fleet.entries()) {
    const found = (path: Finding['path'], message: string) => findings.push({ path, message });
    let described: Iterable<Described>;
    if ('servers' in entry) {
      const table = resolve(folder, entry.servers.file);
      const read = serversOf(entry, table, profile, options);
      if ('problems' in read) {
        problems.push(...read.problems);
        continue;
      }
      contents[`servers of fleet[${i}]`] = sha256Of(table);
      described = read.described;
    } else {
      const { parent, count } = entry;
      described = repeated(count, (n) => {
        return buildHost({ parent: parentAt(parent, seed, i, n), options, seed }, profile);
      });
    }
    const firstOfEntry = hosts.length;
    let nothingFits: string | undefined;
    for (const one of described) {
      if ('problems' in one) {
        const at = 'servers' in entry ? 'servers' : 'parent';
        for (const { path, message } of one.problems) {
          if (path !== 'options') found(['fleet', i, at], message);
        }
        findings.push(...optionFindings(options, profile));
        break;
      }
      const isFirst = hosts.length === firstOfEntry;
      // Parents of a count are alike but for days of uptime; where they differ, one that fits something is enough.
      if (isFirst || (nothingFits !== undefined && mayDiffer(entry))) {
        nothingFits = nothingFitsOn(one.host);
      }
      const carrier = newCarrier(newSurface, entry.reservation);
      const refusal = carrier.prepare(one.host);
      if (refusal !== undefined) {
        refused.push({ entry: i, refusal });
        findings.push(refusedFinding(platform, i, refusal));
        break;
      }
      hosts.push(one.host);
      carriers.push(carrier);
      // Of tables it shows only here how many they are in all.
      const more = tooManyParents(hosts.length);
      if (more !== undefined) return { findings: [more], problems, refused };
      built?.(hosts.length, total);
      if (!(await goOn())) return undefined;
    }
    const isReservedLater = file.parentEvents.some(
      ({ what, parent }) => what === 'reserve' && parent >= firstOfEntry && parent < hosts.length,
    );
    if (nothingFits !== undefined) remarks.add(nothingFits);
    else if (entry.reservation === undefined && !profile.memoryFromParent && !isReservedLater) {
      remarks.add(`fleet[${i}]: ${nothingReserved(familyOf(platform))}`);
    }
  }
  if (findings.length + problems.length > 0) return { findings, problems, refused };
  return { hosts, carriers, remarks: [...remarks] };
}

/** A refused reservation as something wrong with the file. */
export function refusedFinding(
  platform: string,
  entry: number,
  { rule, message, remedy }: Pick<Refusal, 'rule' | 'message' | 'remedy'>,
): Finding {
  return {
    path: ['fleet', entry, 'reservation'],
    message: `${platform} refuses the reservation (${rule}): ${message}`,
    suggestion: remedy,
  };
}

function mayDiffer(entry: Entry): boolean {
  return 'servers' in entry || entry.parent.memoryLayout.kind === 'uptime';
}

function nothingReserved(family: string): string {
  const needed = takesPageSize(family) ? 'memory, cpuCount, pageSize' : 'memory, cpuCount';
  return `nothing is reserved on these parents, so no enclave gets in; add a \`reservation\` (${needed})`;
}

/** Where the platform has one thing to say of a parent: that nothing fits. */
function nothingFitsOn(host: Host): string | undefined {
  const lines = derivedLines(host.profile.derivedFacts(host));
  if (lines.length !== 1 || !lines[0].startsWith('no enclave')) return undefined;
  return `${host.parent.flavor}: ${lines[0]}`;
}

function tooManyParents(count = 0): Finding | undefined {
  if (count <= MOST_PARENTS) return undefined;
  return { path: ['fleet'], message: `has more than ${MOST_PARENTS} parents in all` };
}

/** undefined where a table says it. */
function countOf(fleet: FleetFile['fleet']): number | undefined {
  let count = 0;
  for (const entry of fleet) {
    if ('servers' in entry) return undefined;
    count += entry.count;
  }
  return count;
}

function* repeated(count: number, build: (n: number) => Described): Generator<Described> {
  for (let n = 0; n < count; n++) yield build(n);
}

function serversOf(
  { servers: { columns, first } }: ServerEntry,
  table: string,
  profile: Profile,
  options: FleetFile['options'],
): { readonly described: Iterable<Described> } | { readonly problems: readonly Problem[] } {
  const mapped = typeof columns === 'string' ? SERVER_FORMATS[columns] : columns;
  const read = readServers(table, mapped, first ?? MOST_PARENTS + 1);
  if ('problems' in read) return read;
  const fail = (message: string) => ({ problems: [{ file: table, path: '', message }] });
  const { length } = read.servers;
  if (length > MOST_PARENTS) return fail(`has more than ${MOST_PARENTS} servers; say \`first\``);
  if (first !== undefined && length < first) return fail(`has ${length} servers, not ${first}`);
  function* each(): Generator<Described> {
    const given = optionsFor(profile.platform, options);
    if ('problems' in read) return;
    for (const nodes of read.servers) {
      yield describeHost({ ...describeServer(profile, nodes), options: given });
    }
  }
  return { described: each() };
}
