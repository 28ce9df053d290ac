/**
 * The oracle's harness is tested first: a host with a planted bug must disagree with its twin, and
 * the work of a campaign must not depend on how it was shared.
 */
import { describe, expect, it } from 'vitest';
import type { Command } from '../../core/host/command.js';
import type { Decision } from '../../core/host/decision.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import type { Enclave } from '../../core/host/tree.js';
import type { Steps } from '../../core/platform/profile.js';
import { digestText, runShare, sumOfWork } from '../kit/oracle/campaign.js';
import {
  judgeSequence,
  newWork,
  ORACLE_PLATFORMS,
  type OraclePlatform,
  type Pair,
  pair,
} from '../kit/oracle/sequence.js';

interface Planted {
  readonly name: string;
  readonly platform: OraclePlatform;
  readonly bug: (decision: Decision) => Decision;
  readonly noticed: RegExp;
}

const effects =
  (change: (list: readonly Effect[]) => readonly Effect[]) =>
  (decision: Decision): Decision => ({ ...decision, effects: change(decision.effects) });
const without = (kind: Effect['kind']) =>
  effects((list) => list.filter((effect) => effect.kind !== kind));

/** What is wrong in each record that is entered. */
const recorded = (wrong: (enclave: Enclave) => Partial<Enclave>) =>
  effects((list) =>
    list.map((one) =>
      one.kind === 'add-enclave'
        ? { ...one, enclave: { ...one.enclave, ...wrong(one.enclave) } }
        : one,
    ),
  );

const PLANTED: readonly Planted[] = [
  {
    name: 'a claim one page too high',
    platform: 'qingtian',
    bug: effects((list) =>
      list.map((effect) =>
        effect.kind === 'claim'
          ? { ...effect, runs: [effect.runs[0], effect.runs[1] - 1] }
          : effect,
      ),
    ),
    noticed: /frames for \d+ pages/,
  },
  {
    name: 'a CPU of the pool stays online',
    platform: 'qingtian',
    bug: effects((list) => {
      const first = list.findIndex((effect) => effect.kind === 'set-online' && effect.to === 0);
      return list.filter((_, i) => i !== first);
    }),
    noticed: /CPU \d+ online: host true, twin false/,
  },
  {
    name: 'a boot leaves CPUs off that were switched off',
    platform: 'qingtian',
    bug: effects((list) => {
      const boots = list.some((effect) => effect.kind === 'set-parent' && effect.to === 'running');
      return boots ? list.filter((effect) => effect.kind !== 'set-online') : list;
    }),
    noticed: /CPU \d+ online: host false, twin true/,
  },
  {
    name: 'a refused step is reported as another',
    platform: 'qingtian',
    bug: (decision) =>
      decision.refusal?.rule === 'vcpu-even'
        ? { ...decision, refusal: { ...decision.refusal, rule: 'vcpu-total' } }
        : decision,
    noticed: /result: host vcpu-total, twin vcpu-even/,
  },
  {
    name: 'a pool write that is rolled back leaves a CPU off',
    platform: 'nitro',
    bug: (decision) =>
      decision.refusal?.numbers.call === 'CPU_OFFLINE'
        ? { ...decision, effects: [...decision.effects, { kind: 'set-online', cpu: 1, to: 0 }] }
        : decision,
    noticed: /CPU 1 online: host false, twin true/,
  },
  {
    name: 'a pin that is not counted',
    platform: 'nitro',
    bug: effects((list) =>
      list.filter((effect) => effect.kind !== 'set-counter' || effect.name !== 'pinned'),
    ),
    noticed: /pins/,
  },
  {
    name: 'pages that stay with their task',
    platform: 'nitro',
    bug: without('give'),
    noticed: /frame \d+: host \d+, twin \d+/,
  },
  // Found bugs: no twin looked at what the hypervisor was given, or at what a service says it reserved.
  ...(['qingtian', 'nitro'] as const).map((platform) => ({
    name: `of each range half is given to the hypervisor, ${platform}`,
    platform,
    bug: effects((list) =>
      list.map((one) => (one.kind === 'donate' ? { ...one, bytes: one.bytes / 2 } : one)),
    ),
    noticed: /donated: (host \d+, twin \d+|\d+ bytes at \d+ are no whole frames)/,
  })),
  {
    name: 'a reservation that says it has twice its memory',
    platform: 'qingtian',
    bug: effects((list) =>
      list.map((one) =>
        one.kind === 'set-reservation'
          ? { ...one, to: { ...one.to, memoryMib: 2 * one.to.memoryMib } }
          : one,
      ),
    ),
    noticed: /reserved MiB: host (\d+), twin \d+/,
  },
  // Found bugs: no twin looked at what a record says was asked for, nor at its debug flag.
  ...(
    [
      ['qingtian', { imageBytes: 0 }, /bytes of the image: host 0, twin [1-9]\d*/],
      ['qingtian', { memoryMib: 0 }, /MiB asked for: host 0, twin [1-9]\d*/],
      ['vm', { vcpus: 0 }, /vCPUs asked for: host 0, twin [1-9]\d*/],
      ['nitro', { imageBytes: 1 }, /bytes of the image: host 1, twin 0/],
    ] as const
  ).map(([platform, wrong, noticed]) => ({
    name: `a record of ${platform} that says ${Object.keys(wrong)} ${Object.values(wrong)} was asked for`,
    platform,
    bug: recorded(({ request }) => ({ request: { ...request, ...wrong } })),
    noticed,
  })),
  {
    name: 'a start in debug mode that the record does not say',
    platform: 'nitro',
    bug: effects((list) =>
      list.filter((one) => one.kind !== 'set-enclave' || one.field !== 'debug'),
    ),
    noticed: /debug: host false, twin true/,
  },
  {
    name: 'an enclave in debug mode that is recorded as one that is not',
    platform: 'qingtian',
    bug: recorded(() => ({ debug: 0 })),
    noticed: /debug: host false, twin true/,
  },
  {
    name: 'a VM one frame further up',
    platform: 'vm',
    bug: effects((list) =>
      list.map((one) =>
        one.kind === 'claim' ? { ...one, runs: [one.runs[0], one.runs[1] - 1] } : one,
      ),
    ),
    noticed: /\d+ frames on node \d for \d+/,
  },
  {
    name: 'a thread of a VM that ended comes back late',
    platform: 'vm',
    bug: without('return-core'),
    noticed: /free threads: host [\d,]*, twin [\d,]*/,
  },
  {
    name: 'frames that stay with a VM that ended',
    platform: 'vm',
    bug: without('release'),
    noticed: /frame \d+(, host's own)?: host \w+, twin \w+/,
  },
  // Found bug: what threw was told without the command and without what replays it.
  {
    name: 'a page that is claimed twice, at which the store throws',
    platform: 'qingtian',
    bug: effects((list) =>
      list.flatMap((one): Effect[] => (one.kind === 'claim' ? [one, one] : [one])),
    ),
    noticed: /the host throws: .*\n {2}after command \d+ of sequence \d+: .*qingtian\.map/,
  },
];

const WHO = {
  command: 'the choice of the next command',
  ask: 'the twin',
  difference: 'the comparison',
};

/** The platform's pair with the bug behind every step of the host. */
function infected(bug: Planted['bug']) {
  return (platform: OraclePlatform, number: number): Pair => {
    const two = pair(platform, number);
    const { steps } = two.host.profile;
    const infect = (step: (host: Host, command: Command) => Decision) => {
      return (host: Host, command: Command) => bug(step(host, command));
    };
    const sick = Object.entries(steps).map(([kind, step]) => [kind, infect(step as never)]);
    const profile = { ...two.host.profile, steps: Object.fromEntries(sick) as Steps };
    return { ...two, host: Object.assign(two.host, { profile }) };
  };
}

describe('the harness of the oracle', () => {
  it.each(PLANTED)('disagrees: $name', ({ platform, bug, noticed }) => {
    const run = () => {
      for (let number = 0; number < 40; number++) {
        judgeSequence(platform, 1, number, newWork(), infected(bug));
      }
    };
    expect(run).toThrow(noticed);
    expect(run).toThrow(/replay: npm run campaign -- --platform [\w-]+ --seed 1 --sequence \d+/);
  });

  it.each(['command', 'ask', 'difference'] as const)(
    'a throw of %s is told with the last command and what replays it',
    (where) => {
      const forgets = (platform: OraclePlatform, number: number): Pair => {
        let calls = 0;
        const two = pair(platform, number);
        const sound = two[where] as (...given: unknown[]) => unknown;
        const sick = (...given: unknown[]): unknown => {
          if (++calls === 3) throw new RangeError('a case that was forgotten');
          return sound(...given);
        };
        return { ...two, [where]: sick };
      };
      const run = () => judgeSequence('nitro', 1, 2, newWork(), forgets);
      const last = where === 'command' ? 2 : 3;
      expect(run).toThrow(
        new RegExp(
          `${WHO[where]} throws: a case that was forgotten\n` +
            ` {2}after command ${last} of sequence 2: \\{.*"kind":.*\n` +
            ' {2}replay: npm run campaign -- --platform nitro --seed 1 --sequence 2$',
        ),
      );
    },
  );

  it('agrees on the same sequences without the bug', () => {
    const work = newWork();
    for (const platform of ORACLE_PLATFORMS) {
      for (let number = 0; number < 8; number++) judgeSequence(platform, 1, number, work);
    }
    expect(work.operations).toBe(4 * 8 * 400);
  });

  it('one worker and three print the same counters and digest; another seed does not', () => {
    const spec = { operations: 12_000, seed: 5 };
    const alone = runShare(spec);
    const shared = sumOfWork([runShare(spec, 2, 3), runShare(spec, 0, 3), runShare(spec, 1, 3)]);
    expect(digestText(shared)).toBe(digestText(alone));
    expect([...shared.results].sort()).toEqual([...alone.results].sort());
    expect(digestText(runShare({ ...spec, seed: 6 }))).not.toBe(digestText(alone));
  });
});
