/** `hypercarve verify` as a user calls it: exit codes, what goes where, a trail that replays. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plant } from '../../core/explore/planted-faults.js';
import type { Scope } from '../../core/explore/scope.js';
import { findScope } from '../../core/explore/scopes.js';
import { INVARIANTS } from '../../core/invariants/check.js';
import { REACHED } from '../../core/invariants/reached.js';
import { counted } from '../../core/units/counted.js';
import { verify } from '../../scenarios/cli/verify.js';
import { readPins } from '../../scenarios/verify/pinned.js';
import type { ScopeCounts } from '../../scenarios/verify/run-scope.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';
import { faultNamed } from './fault-named.js';
import { runTrailText } from './run-trail.js';
import { wholeScope } from './tiny-scopes.js';

describe('verify', () => {
  it('a scope that is not there: exit 2, the list of scopes on standard error', async () => {
    const streams = recordedStreams();
    expect(await verify({ scope: ['nope'] }, streams)).toBe(2);
    expect(streams.stderr()).toMatch(/\n {2}qingtian-2x4x2x2: .*\n {2}qingtian-three: /);
    expect(streams.stdout()).toBe('');
  });

  it.each([
    [
      { platform: ['xen'] },
      '--platform xen: no platform with scopes; there are qingtian, nitro, vm\n',
    ],
    [
      { platform: ['qingtian', 'qingtan'], scope: ['qingtian-three'] },
      '--platform qingtan: no platform with scopes (did you mean `--platform qingtian`?); there are qingtian, nitro, vm\n',
    ],
  ])(
    'of a platform without scopes: exit 2, the platforms in one line: %j',
    async (options, said) => {
      const streams = recordedStreams();
      expect(await verify(options, streams)).toBe(2);
      expect(streams.stderr()).toBe(said);
      expect(streams.stdout()).toBe('');
    },
  );

  it('a scope that is misspelt, or of another platform, is told with the list', async () => {
    for (const [options, said] of [
      [
        { scope: ['qingtian-thre'] },
        'no such scope (did you mean `--scope qingtian-three`?); there are:',
      ],
      [
        { platform: ['vm'], scope: ['nitro-slots'] },
        '--platform vm --scope nitro-slots: no such scope; there are:',
      ],
    ] as const) {
      const streams = recordedStreams();
      expect(await verify(options, streams)).toBe(2);
      expect(streams.stderr().replace('\n', ' ')).toContain(said);
      expect(streams.stderr()).toContain('\n  vm-2x3x2x3: ');
    }
  });

  it('takes several scopes; one of them that is not there is told before anything is searched', async () => {
    const streams = recordedStreams();
    const options = { reduced: true, json: true };
    const both = ['nitro-slots', 'vm-2x3x2x3'];
    expect(await verify({ ...options, scope: both.toReversed() }, streams)).toBe(0);
    const { runs } = JSON.parse(streams.stdout()) as { runs: { counts: ScopeCounts }[] };
    expect(runs.map(({ counts }) => counts.scope)).toEqual(both);
    const platforms = recordedStreams();
    const named = { ...options, scope: both, platform: ['vm', 'nitro'] };
    expect(await verify(named, platforms)).toBe(0);
    expect(JSON.parse(platforms.stdout())).toMatchObject({ runs: [{}, {}] });
    const wrong = recordedStreams();
    expect(await verify({ ...options, scope: ['nitro-slots', 'nope'] }, wrong)).toBe(2);
    expect(wrong.stderr()).toMatch(/^--scope nope: no such scope; there are:/);
    expect(wrong.stdout()).toBe('');
  });

  it.each([
    [{ scope: ['nitro-2x2x2x2'] }, '--scope'],
    [{ platform: ['nitro'] }, '--platform'],
    [{ reduced: true }, '--reduced'],
    [{ maxStates: '5' }, '--max-states'],
    [{ trail: 'there.yaml' }, '--trail'],
    [{ properties: true }, '--properties'],
  ])('--self-test takes no %j', async (options, word) => {
    const streams = recordedStreams();
    expect(await verify({ selfTest: true, ...options }, streams)).toBe(2);
    expect(streams.stderr()).toMatch(new RegExp(`^${word}: --self-test has`));
    expect(streams.stdout()).toBe('');
  });

  it.each(['1.5', '0', '-3', 'many', ''])(
    '--max-states %s: exit 2, nothing is searched',
    async (n) => {
      const streams = recordedStreams();
      expect(await verify({ scope: ['nitro-slots'], maxStates: n }, streams)).toBe(2);
      expect(streams.stderr()).toBe(`--max-states ${n}: not a positive whole number\n`);
      expect(streams.stdout()).toBe('');
    },
  );

  it('--trail into a folder that is not there: exit 2 before anything is searched', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hypercarve-'));
    writeFileSync(join(folder, 'file'), '');
    for (const name of ['missing', 'file']) {
      const trail = join(folder, name, 'trail.yaml');
      const streams = recordedStreams();
      expect(await verify({ scope: ['nitro-slots'], trail }, streams)).toBe(2);
      expect(streams.stderr()).toBe(`${trail}: there is no folder ${join(folder, name)}\n`);
    }
    const streams = recordedStreams();
    expect(await verify({ scope: ['nitro-slots'], trail: join(folder, 't.yaml') }, streams)).toBe(
      0,
    );
  });

  it.each([
    ['that are missing', undefined, /ENOENT/],
    ['cut short', '[{"scope": "nitro', /JSON/],
    ['of another kind', '{"scope": "nitro-slots"}', /not a list of counts/],
    ['of which one says nothing', '[{"scope": "nitro-slots"}]', /not a list of counts/],
  ])('pins %s: exit 2 before anything is searched', async (_, text, why) => {
    const folder = mkdtempSync(join(tmpdir(), 'hypercarve-'));
    if (text !== undefined) writeFileSync(join(folder, 'state-counts.json'), text);
    const streams = recordedStreams();
    const never: Scope = {
      ...wholeScope('nitro-slots'),
      build: () => {
        throw new Error('a search began');
      },
    };
    expect(await verify({}, streams, [never], folder)).toBe(2);
    expect(streams.stderr()).toContain(join(folder, 'state-counts.json'));
    expect(streams.stderr()).toMatch(why);
    expect(streams.stdout()).toBe('');
  });

  it('--trail with breaches in two scopes: a file each, the second with its number', async () => {
    const fault = faultNamed('sibling-not-offline');
    const scopes = ['nitro-2x2x2x2', 'nitro-refusals'].map((name): Scope => {
      const sound = wholeScope(name);
      return { ...sound, build: () => plant(sound.build(), fault) };
    });
    const folder = mkdtempSync(join(tmpdir(), 'hypercarve-'));
    const trail = join(folder, 'trail.yaml');
    const streams = recordedStreams();
    const options = { trail, reduced: true };
    expect(await verify(options, streams, scopes)).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(['trail-2.yaml', 'trail.yaml']);
    const second = join(folder, 'trail-2.yaml');
    expect(streams.stderr()).toContain(`hypercarve run ${second} --audit`);
    expect(streams.stderr()).toContain(readFileSync(second, 'utf8'));
    rmSync(trail);
    const again = recordedStreams();
    expect(await verify(options, again, scopes)).toBe(2);
    expect(again.stderr()).toBe(`${second}: is there already; not overwritten\n`);
    expect(readdirSync(folder)).toEqual(['trail-2.yaml']);
  });

  it('a search that gives up: exit 1, and the table says so', async () => {
    const streams = recordedStreams();
    const options = { scope: ['nitro-2x2x2x2'], maxStates: '200' };
    expect(await verify(options, streams)).toBe(1);
    expect(streams.stdout().replaceAll('\n', ' ')).toContain(
      'not explored whole, 204 states so far, no breach: exit code 1, since those beyond were not seen',
    );
  });

  // Found bug: with as many as there are, the last state's moves were not tried, and the exit code was 1.
  it('gives up beyond --max-states only: a scope of exactly so many is whole', async () => {
    const counts = (
      JSON.parse(readFileSync('reports/kept/state-counts.json', 'utf8')) as ScopeCounts[]
    ).find(({ scope }) => scope === 'nitro-slots');
    const most = counts?.full?.unique ?? 0;
    const codes: number[] = [];
    for (const maxStates of [`${most - 1}`, `${most}`]) {
      codes.push(await verify({ scope: ['nitro-slots'], maxStates }, recordedStreams()));
    }
    expect([most > 1, ...codes]).toEqual([true, 1, 0]);
  });

  it('names each property that was asked and each that was reached, in both forms', async () => {
    const options = { scope: ['vm-2x3x2x3'], reduced: true };
    const streams = recordedStreams(400);
    expect(await verify({ ...options, properties: true }, streams)).toBe(0);
    const json = recordedStreams();
    expect(await verify({ ...options, json: true, properties: true }, json)).toBe(0);
    const [{ properties, counts }] = JSON.parse(json.stdout()).runs;
    const bare = recordedStreams();
    expect(await verify({ ...options, json: true }, bare)).toBe(0);
    expect(bare.stdout().match(/"sometimes":.*?\]/)?.[0]).not.toContain('"states"');
    const { unique, transitions } = counts.reduced;
    const notPromised = ['whole-cores', 'numa-local', 'parent-floor'];
    expect(properties.always).toEqual(
      INVARIANTS.map(({ id, sentence }) => ({
        ...{ id, sentence, states: notPromised.includes(id) ? 0 : unique },
        ...(id === 'lifecycle-legal' || id === 'no-leak' ? { transitions } : {}),
      })),
    );
    const reached: Readonly<Record<string, readonly [commands: number, states?: number]>> = {
      'two-run': [2, 261],
      'pool-emptied': [2, 1],
      'memory-held': [1, 296],
      ended: [2],
      'parent-stopped': [1, 2],
    };
    expect(properties.sometimes).toEqual(
      REACHED.map(({ id, sentence }) => {
        const [commands, states] = reached[id];
        return { id, sentence, commands, ...(states === undefined ? {} : { states }) };
      }),
    );
    const told = Object.entries(reached).map(([id, [commands, states]]) => {
      return `${id} ${commands}${states === undefined ? '' : ` (${counted(states, 'state')})`}`;
    });
    for (const line of [
      `vm-2x3x2x3: and after each of ${transitions} transitions: lifecycle-legal, no-leak`,
      `vm-2x3x2x3: not promised by the platform: ${notPromised.join(', ')}`,
      `vm-2x3x2x3: sometimes, by so many commands at least: ${told.join(', ')}`,
    ]) {
      expect(streams.stdout()).toContain(`${line}\n`);
    }
  });

  it('--json: one document and nothing else', async () => {
    const streams = recordedStreams();
    await verify({ scope: ['qingtian-three'], maxStates: '200', json: true }, streams);
    const { runs } = JSON.parse(streams.stdout());
    expect(runs).toHaveLength(1);
    expect(runs[0].complete).toBe(false);
  });

  it.each([
    ['half-core', 'qingtian-2x4x2x2', false],
    ['half-core', 'qingtian-2x4x2x2', true],
    ['page-kept-by-refused-region', 'nitro-2x2x2x2', true],
  ] as const)(
    'a breach by %s in %s, reduced %s: exit 1, its path on standard error as a scenario that meets it, and in the file',
    async (id, name, reduced) => {
      const fault = faultNamed(id);
      const sound = findScope(name);
      if (sound === undefined) throw new Error('no such scope');
      const scope = { ...sound, build: () => plant(sound.build(), fault) };
      const trail = join(mkdtempSync(join(tmpdir(), 'hypercarve-')), 'trail.yaml');
      const streams = recordedStreams();
      expect(await verify({ trail, reduced }, streams, [scope])).toBe(1);
      const text = readFileSync(trail, 'utf8');
      expect(streams.stderr()).toContain(text);
      expect(streams.stdout()).toContain(fault.noticedBy);
      const record = await runTrailText(text, fault);
      expect(record.violations.map(({ invariant }) => invariant)).toContain(fault.noticedBy);
      const again = recordedStreams();
      expect(await verify({ trail, reduced }, again, [scope])).toBe(2);
      expect(again.stderr()).toContain('not overwritten');
      expect(readFileSync(trail, 'utf8')).toBe(text);
      const json = recordedStreams();
      expect(await verify({ json: true, reduced }, json, [scope])).toBe(1);
      const [{ breach }] = JSON.parse(json.stdout()).runs;
      expect(breach.properties).toContain(fault.noticedBy);
      expect(breach.commands).toHaveLength(text.match(/- command:/g)?.length ?? 0);
    },
  );

  it('whole runs are compared with the pinned counts: equal ones say so, others are named', () => {
    const kept = new URL('../../reports/kept/state-counts.json', import.meta.url);
    const pins: readonly ScopeCounts[] = JSON.parse(readFileSync(kept, 'utf8'));
    const pinDifferences = readPins();
    if (typeof pinDifferences === 'string') throw new Error(pinDifferences);
    for (const pin of pins) expect(pinDifferences(pin)).toEqual([]);
    const [{ refused, ...first }] = pins;
    expect(pinDifferences({ ...first, refused: refused + 1 })).toEqual([
      `${refused + 1} refused, where ${refused} are pinned`,
    ]);
    const reduced = { ...first.reduced, depth: first.reduced.depth - 1 };
    // A reduced run refuses another number of moves than the full one that is pinned.
    const { scope, orbits, orbitTransitions, reducedRefused } = first;
    const run = { scope, reduced, orbits, orbitTransitions, reducedRefused, refused: 1 };
    expect(pinDifferences(run)).toEqual([
      `${reduced.depth} canonical depth, where ${first.reduced.depth} are pinned`,
    ]);
    expect(pinDifferences({ ...first, refused, scope: 'mine' })).toBeUndefined();
  });

  it('a whole run says that its counts are as pinned', async () => {
    const streams = recordedStreams(400);
    expect(await verify({ scope: ['qingtian-three'], reduced: true }, streams)).toBe(0);
    const text = streams.stdout();
    expect(text).toContain('no breach, counts as pinned');
    expect(text).toMatch(
      /^qingtian-three: speed \d\.\d\d million transitions\/s, .* the aim of 2\.50.*; without rules/m,
    );
    // No word of a figure reads like a check that failed.
    expect(text).not.toMatch(/not met|failed/i);
  });
});
