/** Checks that the explorer asks of one enclave alone find together what the whole check finds. */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../core/host/host.js';
import type { Enclave } from '../../core/host/tree.js';
import { sceneOf } from '../../core/invariants/check.js';
import type { Always, Scene, Violation } from '../../core/invariants/invariant.js';
import { numaLocal, spreadEnclave } from '../../core/invariants/numa-local.js';
import { beyondCaps, platformCaps } from '../../core/invariants/platform-caps.js';
import { vmHost } from '../kit/hosts.js';
import { PLANTED_FAULTS } from './planted-faults.js';
import { must } from './sound-hosts.js';

type OfOne = (scene: Scene, enclave: Enclave) => readonly Violation[];

const byEnclave = (host: Host, ofOne: OfOne) =>
  host.tree.records.flatMap((enclave) => ofOne(sceneOf(host), enclave));

describe('asked enclave by enclave', () => {
  it.each<readonly [string, Always, OfOne]>([
    ['numa-local', numaLocal, spreadEnclave],
    ['platform-caps', platformCaps, beyondCaps],
  ])('%s says of every planted fault what it says of the host', (_, whole, ofOne) => {
    let found = 0;
    for (const { sound, plant } of PLANTED_FAULTS) {
      const host = sound();
      const broken = plant(host) ?? host;
      const said = (whole.check(sceneOf(broken)) ?? []).filter(
        ({ enclave }) => enclave !== undefined,
      );
      expect(byEnclave(broken, ofOne)).toEqual(said);
      found += said.length;
    }
    expect(found).toBeGreaterThan(0);
  });

  it('a VM may lie on two nodes, as its host promises nothing else', () => {
    const host = vmHost();
    must(host, { kind: 'vm.launch', vcpus: 4, memoryMib: 64, nodes: 2 });
    const nodes = new Set(host.tree.records[0].extents.map(({ node }) => node));
    expect([...nodes]).toEqual([0, 1]);
    expect(byEnclave(host, spreadEnclave)).toEqual([]);
    expect(numaLocal.check(sceneOf(host))).toBeUndefined();
  });
});
