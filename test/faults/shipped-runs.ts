/**
 * Every shipped scenario on each of its platforms, run with something between host and caller.
 *
 * Invariant: a run starts on a host of its own and depends on the file alone, so operation k of one run
 * is operation k of the next, until something is made to fail. A host is made of its description once
 * and copied for each run, since some take a hundred times as long to make as to copy.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnswerKind, Command } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import { profileIds } from '../../core/platform/names.js';
import type { Steps } from '../../core/platform/profile.js';
import type { RunRecord } from '../../reports/record.js';
import { buildHost } from '../../scenarios/run/build-host.js';
import { loadPlatform, type Platform } from '../../scenarios/run/platform.js';
import { runScenario } from '../../scenarios/run/run.js';
import { loadScenario } from '../../scenarios/schema/load.js';
import { scenarioPlatforms } from '../../scenarios/schema/platforms.js';
import type { Scenario } from '../../scenarios/schema/scenario.js';
import { errnoInTurn } from './errnos.js';

export interface Shipped {
  readonly name: string;
  readonly build: () => Host;
  readonly run: (host: Host) => RunRecord;
}

const platforms = new Map<string, Platform>();
for (const name of profileIds()) platforms.set(name, await loadPlatform(name));

let known: readonly Shipped[] | undefined;

/** Each file of the library on each platform it names. */
export function shippedRuns(): readonly Shipped[] {
  known ??= loadedRuns();
  return known;
}

function loadedRuns(): Shipped[] {
  const library = fileURLToPath(new URL('../../scenarios/library', import.meta.url));
  const files = readdirSync(library, { recursive: true, encoding: 'utf8' })
    // Fleets and sweeps are no scenarios; test/engine and test/sweep run them.
    .filter((file) => file.endsWith('.yaml') && !/^(fleets|sweeps)/.test(file))
    .sort();
  return files.flatMap((file) => {
    const loaded = loadScenario(readFileSync(join(library, file), 'utf8'), file);
    if ('problems' in loaded) throw new Error(`${file} does not load`);
    const { scenario } = loaded;
    return scenarioPlatforms(scenario).map((id) => {
      const platform = platforms.get(id);
      if (platform === undefined) throw new Error(`${file}: no platform ${id}`);
      let first: Host | undefined;
      return {
        name: `${file} on ${id}`,
        build: () => {
          first ??= builtOf(scenario, platform, file);
          return copyOf(first);
        },
        run: (host) => {
          const surface = platform.newSurface();
          return runScenario({ scenario, file, host, provenance: [], surface, audit: false });
        },
      };
    });
  });
}

function builtOf(scenario: Scenario, { profile }: Platform, file: string): Host {
  const built = buildHost(scenario, profile);
  if ('problems' in built) throw new Error(`${file}: ${built.problems[0].message}`);
  return built.host;
}

/** A host that shares nothing that a command changes with the one it is like. */
export function copyOf(host: Host): Host {
  const memory = host.memory.map((node) => node.fork());
  return { ...host, tree: structuredClone(host.tree), memory };
}

/** The host with `between` around every step it decides. */
export function watched(
  host: Host,
  between: (at: Host, command: Command, decide: (command: Command) => Decision) => Decision,
): Host {
  const wrapped = Object.entries(host.profile.steps).map(([kind, step]) => {
    const decide = step as (at: Host, command: Command) => Decision;
    return [kind, (at: Host, command: Command) => between(at, command, (c) => decide(at, c))];
  });
  const steps = Object.fromEntries(wrapped) as Steps;
  return { ...host, profile: { ...host.profile, steps } };
}

/** One operation that can fail: call `nth` of a kind inside the command at `position`. */
export type Failable = {
  readonly position: number;
  readonly nth: number;
} & (
  | { readonly kind: AnswerKind; readonly errno: number }
  | { readonly kind: 'accepted' | 'capacity' | 'copy-in' | 'copy-out' }
);

const COPIES = new Set(['create-vm', 'add-vcpu', 'image-load-info', 'set-memory', 'start']);

/** Steps of QingTian that nothing below the rules can refuse; a whole launch is one by its definition. */
const SURE = new Set(['reserve', 'unreserve', 'launch', 'crash', 'console-open', 'console-close']);

/** What could have failed inside a command, by what was decided when nothing did. */
export function failables(position: number, command: Command, { facts }: Decision): Failable[] {
  const [platform, name] = command.kind.split('.');
  if (platform === 'qingtian') {
    if (SURE.has(name)) return [];
    const accepted: Failable = { position, kind: 'accepted', nth: 1 };
    return name === 'define' ? [{ position, kind: 'capacity', nth: 1 }, accepted] : [accepted];
  }
  const list: Failable[] = [];
  if (platform !== 'nitro') return list;
  for (const [name, calls] of Object.entries(facts.calls ?? {})) {
    const kind = name as AnswerKind;
    for (let nth = 1; nth <= calls; nth++) {
      list.push({ position, kind, nth, errno: errnoInTurn(kind, position + nth) });
    }
  }
  if (!COPIES.has(name)) return list;
  if (name !== 'create-vm') list.push({ position, kind: 'copy-in', nth: 1 });
  if (name !== 'set-memory') list.push({ position, kind: 'copy-out', nth: 1 });
  return list;
}

/** The same command, with that operation failing. */
export function failing(command: Command, failable: Failable): Command {
  if (!('errno' in failable)) {
    const { kind } = failable;
    if (kind === 'copy-in') return { ...command, fault: 'in' } as Command;
    if (kind === 'copy-out') return { ...command, fault: 'out' } as Command;
    return { ...command, [kind]: false } as Command;
  }
  const { kind, nth, errno } = failable;
  const answers = { ...('answers' in command ? command.answers : {}), [kind]: { nth, errno } };
  return { ...command, answers } as Command;
}
