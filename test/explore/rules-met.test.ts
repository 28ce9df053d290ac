/** What `verify` tells of the rules that its scopes met: whose, how many, and why not the others. */
import { describe, expect, it } from 'vitest';
import { whyNotTried } from '../../core/explore/commands-not-tried.js';
import { whyNotMet } from '../../core/explore/rules-not-met.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { verify } from '../../scenarios/cli/verify.js';
import { commandsTried } from '../../scenarios/verify/commands-tried.js';
import { ruleIds, rulesLine, rulesMet } from '../../scenarios/verify/rules-met.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';

const [{ build }] = SCOPES;
const RULES = ruleIds(build().profile);

describe('rules met', () => {
  it('are counted by platform, each once, in the order of the rule book', () => {
    const runs = [
      { platform: 'qingtian', rulesMet: ['pool-pages', 'cid-free'] },
      { platform: 'qingtian', rulesMet: ['cid-free', 'not of the book'] },
      { platform: 'nitro', rulesMet: [] },
    ] as const;
    const [qingtian, nitro] = rulesMet(runs, SCOPES);
    expect([qingtian.platform, qingtian.rules, qingtian.met]).toEqual([
      ...['qingtian', RULES.length, ['cid-free', 'pool-pages']],
    ]);
    expect(qingtian.notMet.map(({ rule }) => rule)).toEqual(
      RULES.filter((id) => id !== 'cid-free' && id !== 'pool-pages'),
    );
    expect(qingtian.notMet[0]).toEqual({
      rule: 'bare-metal',
      why: 'what the parent is stays the same for the life of a host',
    });
    expect(qingtian.notMet.find(({ rule }) => rule === 'cid-range')).toEqual({ rule: 'cid-range' });
    expect([nitro.platform, nitro.met]).toEqual(['nitro', []]);
  });

  it('are told in a line: a few that are left by name, many by number', () => {
    const told = { platform: 'nitro', rules: 12, met: ['a', 'b'] } as const;
    const left = Array.from({ length: 9 }, (_, i) => ({ rule: `r${i}` }));
    const start = 'nitro: 2 of 12 rules refused something';
    expect(rulesLine({ ...told, notMet: [] })).toBe(start);
    expect(rulesLine({ ...told, notMet: left.slice(0, 8) })).toBe(
      `${start}; left to other scopes: r0, r1, r2, r3, r4, r5, r6, r7`,
    );
    expect(rulesLine({ ...told, notMet: [...left, { rule: 'x', why: 'it is far' }] })).toBe(
      `${start}; 1 no small host meets (why: --json); left to other scopes: 9`,
    );
  });

  it('have a reason only where they are rules of the platform', () => {
    expect(whyNotMet('qingtian', 'toString')).toBeUndefined();
    expect(whyNotMet('vm', 'flavor')).toBeUndefined();
    expect(whyNotMet('nitro', 'flavor')).toBeUndefined();
    expect(whyNotMet('qingtian', 'flavor')).toBeDefined();
    expect(whyNotMet('nitro', 'nitro.copy-out')).toBeDefined();
  });

  it('so have commands that no scope tries, by name', () => {
    expect(whyNotTried('nitro.map-foreign')).toMatch(/^it maps .* nobody’s$/);
    expect(whyNotTried('nitro.map-page')).toBeUndefined();
    const runs = [{ platform: 'nitro', commandsTried: ['nitro.poll'] }] as const;
    const [{ commands, tried, notTried }] = commandsTried(runs, SCOPES);
    expect([commands, tried, notTried.length]).toEqual([21, ['nitro.poll'], 20]);
    expect(notTried.filter(({ why }) => why !== undefined).map(({ command }) => command)).toEqual([
      'nitro.map-foreign',
    ]);
  });

  it('are printed by verify, and in its document', async () => {
    const streams = recordedStreams();
    expect(await verify({ scope: ['qingtian-refusals'] }, streams)).toBe(0);
    expect(streams.stdout()).toContain('qingtian: 37 of 54 rules refused something; 8 no small');
    const json = recordedStreams();
    await verify({ scope: ['nitro-slots'], json: true }, json);
    const [{ platform, met, notMet }] = JSON.parse(json.stdout()).rules;
    expect([platform, met, notMet.length]).toEqual([
      'nitro',
      [
        ...['nitro.parent-running', 'nitro.pool-in-use'],
        ...['nitro.create-needs-core', 'nitro.hypervisor-slots'],
      ],
      63,
    ]);
  });
});
