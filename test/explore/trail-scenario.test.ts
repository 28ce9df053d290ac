/** The scenario file of a trail describes the scope's own host, and keeps its commands. */
import { describe, expect, it } from 'vitest';
import { SCOPES } from '../../core/explore/scopes.js';
import type { Trail } from '../../core/explore/trail.js';
import { hostOfTrail } from './run-trail.js';

describe('trail scenario', () => {
  it.each(SCOPES)('describes the host of $name', async (scope) => {
    const { host } = await hostOfTrail({ scope: scope.name, commands: [] });
    const fresh = scope.build();
    const { topology, tree, options, parent, hypervisor } = fresh;
    expect(host).toMatchObject({ topology, tree, options, parent, hypervisor });
    expect(host.profile.id).toBe(fresh.profile.id);
    expect(host.memory.map(({ base }) => base.freeFrames)).toEqual(
      fresh.memory.map(({ base }) => base.freeFrames),
    );
  });

  it('keeps 64-bit numbers to the last bit', async () => {
    const commands: Trail['commands'] = [
      { kind: 'nitro.create-vm', task: 1 },
      { kind: 'nitro.start', slot: 1, cid: 2n ** 64n - 1n, flags: 2n ** 53n + 1n },
    ];
    const { scenario } = await hostOfTrail({ scope: 'nitro-2x2x2x2', commands });
    expect(
      scenario.workload.timeline.map((item) => ('command' in item ? item.command : 0)),
    ).toEqual(commands);
  });
});
