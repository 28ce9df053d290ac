/** How many seeds make a task, from what requests and parents cost. */
import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../scenarios/engine/load-fleet.js';
import { blockSize } from '../../scenarios/sweep/block-size.js';

interface Given {
  readonly platform?: string;
  readonly requests?: number;
  readonly count?: number;
  readonly memory?: string;
  readonly layout?: string;
}

function sizeOf({
  platform = 'vm',
  requests = 1000,
  count = 10,
  memory = '1024GiB',
  layout = '{kind: fresh}',
}: Given): number {
  const text = `fleetVersion: 1
title: x
platform: ${platform}
fleet:
  - count: ${count}
    parent: {topology: {nodes: [{cpus: 0-63, memory: ${memory}}]}, memoryLayout: ${layout}}
workload:
  requests: ${requests}
  arrivals: {kind: poisson, every: 10s}
  lifetime: {kind: exponential, mean: 1m}
  mix: [{vcpus: 2, memory: 512MiB}]
`;
  const loaded = loadFleet(text, 'x.yaml');
  if ('problems' in loaded) throw new Error(loaded.problems[0]?.message);
  const sweep = { seeds: { count: 1 } };
  type Asked = Parameters<typeof blockSize>;
  const { fleet } = loaded;
  return blockSize(sweep as unknown as Asked[0], [{ fleet, requests }] as unknown as Asked[1]);
}

describe('sweep: how many seeds make a block', () => {
  it('found bug: parents of long uptime make it small, as they cost more than the requests', () => {
    const days = (n: number) => `{kind: uptime, days: ${n}}`;
    // 10 parents of 1 TiB: measured, 80 ms a run at 100 days and four seconds at 1,000.
    expect(sizeOf({})).toBe(146);
    expect(sizeOf({ layout: days(100) })).toBe(20);
    expect(sizeOf({ layout: days(1000) })).toBe(1);
    expect(sizeOf({ layout: days(1000), memory: '64GiB' })).toBe(33);
  });

  it('more parents, more requests or reserved pages make it smaller', () => {
    expect(sizeOf({ count: 1000 })).toBe(3);
    expect(sizeOf({ requests: 1_000_000 })).toBe(1);
    expect(sizeOf({ platform: 'qingtian' })).toBe(35);
  });
});
