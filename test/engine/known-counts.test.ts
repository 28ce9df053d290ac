/**
 * The public trace of requests for servers of two NUMA nodes, against counts worked out elsewhere.
 *
 * Plain first fit in host order, requests for two nodes split evenly; without group rules, then with
 * them, where fault domains bind nothing. The trace files
 * are not part of this project: HYPERCARVE_TRACES names the folder that has them.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { fleetPolicy } from '../../core/placement/fleet-policies.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { newCarrier } from '../../scenarios/engine/carrier.js';
import { runFleet } from '../../scenarios/engine/fleet-run.js';
import type { FleetResult } from '../../scenarios/engine/result.js';
import { type GroupUse, TRACE_FORMATS } from '../../scenarios/engine/trace/columns.js';
import {
  describeServer,
  readServers,
  SERVER_FORMATS,
} from '../../scenarios/engine/trace/read-servers.js';
import { checkTrace, readTrace } from '../../scenarios/engine/trace/read-trace.js';
import { vmSurface } from '../../scenarios/run/vm-surface.js';

const FOLDER = join(process.env.HYPERCARVE_TRACES ?? '', 'huawei-numa');
const WHY = 'the traces are not here: HYPERCARVE_TRACES names their folder';

/** Sequence, servers, requests without a place: NUMA-aware, NUMA-blind. */
const KNOWN: readonly (readonly [string, number, number, number])[] = [
  ['C1', 1100, 337, 257],
  ['C1', 1200, 193, 0],
  ['C1', 1300, 136, 0],
  ['C1', 1400, 51, 0],
  ['C5', 1200, 711, 532],
  ['C5', 1300, 575, 301],
  ['C5', 1400, 427, 141],
  ['C1', 1710, 0, 0],
  ['C2', 1710, 0, 0],
  ['C3', 1710, 0, 0],
  ['C4', 1710, 0, 0],
  ['C5', 1710, 0, 0],
];

function servers(most: number): Host[] {
  const read = readServers(join(FOLDER, 'PM_res.csv'), SERVER_FORMATS['huawei-numa'], most);
  if ('problems' in read) throw new Error(read.problems[0]?.message);
  return read.servers.map((nodes) => {
    const described = describeHost(describeServer(vmProfile(), nodes));
    if ('problems' in described) throw new Error(described.problems[0]?.message);
    return described.host;
  });
}

/**
 * NUMA-aware, with the groups kept: without a place, of these kept out by their group alone, requests
 * in groups that are kept, and in fault domains. The first is what a script that shares nothing with
 * this engine counts too.
 */
const IN_GROUPS: readonly (readonly [string, number, number, number, number, number])[] = [
  ['C1', 1100, 474, 423, 1062, 1173],
  ['C1', 1200, 424, 424, 1062, 1173],
  ['C1', 1400, 424, 424, 1062, 1173],
  ['C1', 1710, 424, 424, 1062, 1173],
  ['C5', 1200, 735, 448, 1211, 1442],
];

function outcome(sequence: string, most: number, blind: boolean, groups?: GroupUse): FleetResult {
  const hosts = servers(most);
  const file = join(FOLDER, `VM_data_${sequence}.csv`);
  const columns = TRACE_FORMATS['huawei-numa'];
  expect(checkTrace(file, columns, groups)).toEqual([]);
  const policy = fleetPolicy('first-fit');
  if (policy === undefined) throw new Error('first fit is gone');
  const result = runFleet({
    hosts,
    carriers: hosts.map(() => newCarrier(() => vmSurface, undefined)),
    requests: readTrace(file, columns, groups),
    policy,
    blind,
  });
  expect(result.accepted + result.refused).toBe(4998);
  return result;
}

describe('engine: known counts of a public trace', () => {
  it.for(KNOWN)('%s on %i servers: %i without a place, blind %i', (row, context) => {
    context.skip(!existsSync(FOLDER), WHY);
    const [name, most, aware, blind] = row;
    const refusals = [false, true].map((either) => outcome(name, most, either).refused);
    expect(refusals).toEqual([aware, blind]);
  });

  it.for(IN_GROUPS)('%s on %i servers, groups kept: %i without a place', (row, context) => {
    context.skip(!existsSync(FOLDER), WHY);
    const [name, most, without, byGroup, kept, notKept] = row;
    const { refused, refusedBy, groups } = outcome(name, most, false, 'keep');
    expect([refused, refusedBy['fleet-group'], groups]).toEqual([
      without,
      byGroup,
      { kept, notKept },
    ]);
  });
});
