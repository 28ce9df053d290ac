/**
 * The twin of plain VMs misses each rule that is left out: what then refuses, or is had, is not what it
 * says. Those of which no invariant reads anything are seen here alone (test/explore/rules-behind.ts).
 */
import { describe, expect, it } from 'vitest';
import { plant } from '../../core/explore/planted-faults.js';
import { CPU_ONLINE_RULES } from '../../core/platform/cpu-online.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { ruleIds } from '../../scenarios/verify/rules-met.js';
import { faultNamed } from '../explore/fault-named.js';
import { judgeSequence, newWork, type OraclePlatform, pair } from '../kit/oracle/sequence.js';

/** A host of plain VMs has no floor to keep. */
const NOT_OF_VMS = 'cpu-parent-floor';

const RULES = [
  ...ruleIds(vmProfile()),
  ...CPU_ONLINE_RULES.map(({ id }) => id).filter((id) => id !== NOT_OF_VMS),
];

describe('a rule of plain VMs left out', () => {
  it.each(RULES)('%s: the twin says that it refuses', (rule) => {
    const fault = { ...faultNamed('no-vm-shape'), without: [rule] };
    const sick = (platform: OraclePlatform, number: number) => {
      const two = pair(platform, number);
      return { ...two, host: Object.assign(two.host, plant(two.host, fault)) };
    };
    const run = () => {
      for (let number = 0; number < 40; number++) judgeSequence('vm', 1, number, newWork(), sick);
    };
    expect(run).toThrow(new RegExp(`: host \\S+, twin ${rule}\\n`));
  });

  it('none of them is any other platform’s alone', () => {
    expect(CPU_ONLINE_RULES.map(({ id }) => id)).toContain(NOT_OF_VMS);
    expect(vmProfile().guarantees?.parentFloor).toBeUndefined();
  });
});
