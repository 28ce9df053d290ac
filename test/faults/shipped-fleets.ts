/**
 * Every shipped fleet, run with something between each parent and its caller.
 *
 * Launches and ends go command by command, not in whole effects; with `steps` a launch is the
 * platform's own program of steps, each of which can fail, else one command. Invariant: a run starts
 * on parents made anew and depends on the file alone, so the commands of one run are those of the
 * next, until something is made to fail. Trade-off: a run may be cut short after a number of requests,
 * which the file does not say.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Host } from '../../core/host/host.js';
import { runInPlace } from '../../core/host/step.js';
import type { PlatformId } from '../../core/platform/profile.js';
import { type Carrier, newCarrier } from '../../scenarios/engine/carrier.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import { loadFleet } from '../../scenarios/engine/load-fleet.js';
import type { FleetResult } from '../../scenarios/engine/result.js';
import { startFleet } from '../../scenarios/engine/start-fleet.js';
import { loadPlatform } from '../../scenarios/run/platform.js';
import type { Surface } from '../../scenarios/run/surface.js';
import { copyOf, watched } from './shipped-runs.js';

/** Stands between a parent (by its position) and its caller. */
export type Between = (
  parent: number,
  at: Host,
  command: Command,
  decide: (command: Command) => Decision,
) => Decision;

export interface FleetWay {
  /** Launches are programs of steps. */
  readonly steps: boolean;
  /** Requests that are asked at most. */
  readonly most?: number;
}

export interface ShippedFleet {
  readonly name: string;
  readonly platform: PlatformId;
  readonly requests: number;
  /** The parents as they are before the first request, made anew. */
  readonly build: () => Host[];
  readonly buildOne: (parent: number) => Host;
  /** A run on parents made anew, and those afterwards, with nothing between any more. */
  readonly run: (between: Between, way: FleetWay) => { hosts: Host[]; result: FleetResult };
}

const LOWEST_CID = 4;

const FOLDER = fileURLToPath(new URL('../../scenarios/library/fleets', import.meta.url));

export const SHIPPED_FLEETS: readonly ShippedFleet[] = await Promise.all(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map(opened),
);

async function opened(file: string): Promise<ShippedFleet> {
  const path = join(FOLDER, file);
  const loaded = loadFleet(readFileSync(path, 'utf8'), path);
  if ('problems' in loaded) throw new Error(`${file} does not load`);
  const started = await startFleet(loaded, path);
  if ('problems' in started) throw new Error(`${file}: ${started.problems[0].message}`);
  const { input } = started;
  const requests = [...input.requests];
  const { newSurface } = await loadPlatform(loaded.fleet.platform);
  const carrier = (steps: boolean): Carrier => {
    const surface = newSurface();
    return stubborn(newCarrier(() => (steps ? byPrograms(surface) : surface), undefined));
  };
  const build = () => input.hosts.map(copyOf);
  return {
    name: file,
    platform: input.hosts[0].profile.platform,
    requests: requests.length,
    build,
    buildOne: (parent) => copyOf(input.hosts[parent]),
    run: (between, { steps, most = requests.length }) => {
      const hosts = build();
      const around = hosts.map((host, parent) => {
        const { wholes, ...profile } = host.profile;
        return watched({ ...host, profile }, (...rest) => between(parent, ...rest));
      });
      const carriers = hosts.map(() => carrier(steps));
      const asked = requests.slice(0, most);
      return { hosts, result: runFleet({ ...input, hosts: around, carriers, requests: asked }) };
    },
  };
}

/** Launches step by step, each with the CID that it has at once. */
function byPrograms({ atOnce, launch, ...rest }: Surface): Surface {
  return {
    ...rest,
    launch: (host, ask) => launch(host, { ...ask, cid: host.tree.counters.nextSlot + LOWEST_CID }),
  };
}

/** What would not stop is ended by force: a stop fails in no fleet file. */
function stubborn(carrier: Carrier): Carrier {
  return {
    ...carrier,
    end: (host, uid, crash) => {
      const ended = carrier.end(host, uid, crash);
      if (ended.refusal === undefined || crash) return ended;
      const { refusal } = runInPlace(host, { kind: 'qingtian.crash', uid });
      return { facts: {}, refusal };
    },
  };
}
