/**
 * A fault that tells apart what its scope calls equal: `verify` says so with exit code 1, by name, and
 * shows a path that a host walks, where a short search without symmetry has one.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PlantedFault, plant } from '../../core/explore/planted-faults.js';
import type { Scope } from '../../core/explore/scope.js';
import { findScope } from '../../core/explore/scopes.js';
import { verify } from '../../scenarios/cli/verify.js';
import { runScope } from '../../scenarios/verify/run-scope.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { faultNamed } from './fault-named.js';

/** Pages of the enclave at the last place alone are booked on nobody. */
const FOR_NOBODY = faultNamed('claimed-for-nobody');
const OF_LAST_PLACE: PlantedFault = {
  ...FOR_NOBODY,
  effects: (effects, host, command) =>
    effects.some((one) => one.kind === 'claim' && one.uid === host.hypervisor.firstSlot + 2)
      ? FOR_NOBODY.effects(effects, host, command)
      : effects,
};

function sick(): Scope {
  const sound = findScope('qingtian-three');
  if (sound === undefined) throw new Error('no such scope');
  // A launch in one command would break the caps besides.
  const moves = sound.moves.filter(({ label }) => label !== 'qingtian.launch');
  return { ...sound, moves, build: () => plant(sound.build(), OF_LAST_PLACE) };
}

const KINDS = ['qingtian.reserve', 'qingtian.define', 'qingtian.map'];
const SAID = 'symmetry: a rule or a step tells apart what the scope calls equal';

describe('a fault that tells places apart', () => {
  // Found bug: "no move leads into the orbit of step 3", exit code 70.
  it('is named by verify, with a path of a search of all states', async () => {
    const trail = join(mkdtempSync(join(tmpdir(), 'hypercarve-')), 'trail.yaml');
    const streams = recordedStreams();
    expect(await verify({ reduced: true, trail }, streams, [sick()])).toBe(1);
    const told = streams.stdout().replaceAll(/\n */g, ' ');
    expect(told).toContain('qingtian-three: frame-one-owner: ');
    expect(told).toContain(`; ${SAID}; the path is that of a search of all states`);
    const kinds = readFileSync(trail, 'utf8').match(/(?<=kind: )qingtian\.\w+/g);
    expect(kinds).toEqual(KINDS);
  });

  it('is named without a path where no short search has one', () => {
    const { breach, problems } = runScope(sick(), {
      clock: () => 0,
      reducedOnly: true,
      maxStates: 25,
    });
    expect(breach).toBeUndefined();
    expect(problems).toEqual([
      expect.stringMatching(/^frame-one-owner: /),
      `${SAID}, so what was found may be no host's (without symmetry none in 25 states)`,
    ]);
  });

  it('is a breach like any other where all states are searched', () => {
    const { problems, breach } = runScope(sick(), { clock: () => 0 });
    expect(problems.join()).toMatch(/^frame-one-owner: [^;]*$/);
    expect(breach?.commands.map(({ kind }) => kind)).toEqual(KINDS);
  });
});
