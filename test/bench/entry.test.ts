/** What a race says of an entrant, from heats written by hand: floors, medians, minima, means, windows. */
import { describe, expect, it } from 'vitest';
import { entryOf, type Heat, type Laps, netOver } from '../../bench/entry.js';
import type { Verdict } from '../../bench/judge.js';
import { raceText } from '../../bench/print.js';
import type { Race } from '../../bench/race.js';
import { type Results, targetsOf } from '../../bench/targets.js';

const OURS = 'granule-aware';
const TWIN = 'native granule-aware';
const THING = 'npm @thi.ng/malloc';

function laps(times: Readonly<Record<string, readonly number[]>>, nativeFloor: number[]): Laps {
  return { times: new Map(Object.entries(times)), nativeFloor };
}

function verdict(given: Partial<Verdict> = {}): Verdict {
  const asked = { requests: 100, acceptedRequests: 80, requestedFrames: 1000, acceptedFrames: 700 };
  const probes = { probes: 0, probesServed: 0, probesBacked: 0 };
  return { ...asked, ...probes, unusable1G: 0.25, falseRefusals: 0, valid: true, ...given };
}

/** Two seeds; medians are 40 and 60 on floors of 6 and 10, minima 30 and 50 on floors of 5 and 9. */
const heats: Heat[] = [
  {
    frames: 512,
    operations: 1000,
    whole: laps(
      { floor: [5, 6, 50], [OURS]: [30, 40, 900], [TWIN]: [20, 22, 23], [THING]: [606, 600, 700] },
      [2, 1, 8],
    ),
    seen: new Map([
      [OURS, { quality: verdict(), bytes: 7000, bytesPerExtent: 70, sameChoices: true }],
    ]),
  },
  {
    frames: 512,
    operations: 1000,
    whole: laps(
      { floor: [9, 10, 11], [OURS]: [60, 50, 70], [TWIN]: [32, 34, 39], [THING]: [610, 611, 609] },
      [4, 4, 4],
    ),
    seen: new Map([
      [
        OURS,
        {
          quality: verdict({ unusable1G: 0.75, falseRefusals: 3, acceptedFrames: 500 }),
          bytes: 6000,
          bytesPerExtent: 72,
          sameChoices: false,
        },
      ],
    ]),
  },
];

describe('an entrant of a race', () => {
  it('ours: medians and minima net of the JavaScript floor, means over the seeds', () => {
    const entry = entryOf(OURS, heats);
    expect(entry).toMatchObject({ netNs: (34 + 50) / 2, netMinimumNs: (25 + 41) / 2 });
    expect(entry).toMatchObject({ group: 'ours', operations: 1000, replays: 3 });
    expect(entry.ns).toMatchObject({ minimum: 30, median: 50 });
    expect(Object.keys(entry)).not.toContain('window');
    expect(Object.keys(entry)).not.toContain('overWindow');
  });

  it('the twin: net of the native floor', () => {
    const entry = entryOf(TWIN, heats);
    expect(entry).toMatchObject({ netNs: (20 + 30) / 2, netMinimumNs: (19 + 28) / 2 });
    expect(entry.group).toBe('native');
    expect(entry.quality).toBe(undefined);
  });

  it('a peer: net of the JavaScript floor', () => {
    expect(entryOf(THING, heats)).toMatchObject({ netNs: (600 + 600) / 2, group: 'npm' });
  });

  it('quality: means of shares, sums of counts; one seed of other choices is enough', () => {
    const { quality, sameChoices, bytes, bytesPerExtent } = entryOf(OURS, heats);
    expect(quality).toMatchObject({ unusable1G: 0.5, falseRefusals: 3, acceptedFrames: 1200 });
    expect({ sameChoices, bytes, bytesPerExtent }).toEqual({
      sameChoices: false,
      bytes: 7000,
      bytesPerExtent: 72,
    });
  });

  it('is judged by its net times', () => {
    const entries = [OURS, TWIN, THING].map((name) => entryOf(name, heats));
    const shared = { frames: 512, seeds: [1, 2], operations: 1000, rounds: 3, floorNs: 8 };
    const results: Results = { races: [{ workload: 'a90', ...shared, entries }], hotPath: [] };
    const value = (of: RegExp) => targetsOf(results).find((one) => of.test(one.sentence));
    expect(value(/^1G-aware: times the native/)?.value).toBe(42 / 25);
    expect(value(/^@thi.ng.*1 TiB/)?.value).toBe(600 / 42);
    expect(value(/^@thi.ng.*1 TiB/)?.rival?.value).toBe(600 / 25);
  });
});

describe('an entrant that replays a window', () => {
  const window = { from: 26_000, operations: 30_000 };
  const quality = verdict({ unusable1G: 0.111 });
  const windowed: Heat[] = [
    {
      frames: 24 * 1024 * 512,
      operations: 200_000,
      whole: laps({ floor: [5], [OURS]: [45], [TWIN]: [22] }, [2]),
      part: {
        window,
        ...laps({ floor: [6], [OURS]: [86], [TWIN]: [43], [THING]: [120_006] }, [3]),
      },
      seen: new Map([
        [OURS, { quality, bytes: 7000, bytesPerExtent: 70 }],
        [THING, { quality, bytes: 7000, bytesPerExtent: 70 }],
      ]),
    },
  ];
  const entries = [OURS, TWIN, THING].map((name) => entryOf(name, windowed));
  const [ours, twin, thing] = entries;
  const heat = { workload: 'd24t', frames: 24 * 1024 * 512, operations: 200_000 } as const;
  const race: Race = { ...heat, seeds: [1], rounds: 7, floorNs: 5, entries };

  it('says which, and has no quality of the whole trace', () => {
    expect(thing).toMatchObject({ window, operations: 4000, replays: 1, netNs: 120_000 });
    expect(thing.quality).toBe(undefined);
    expect(thing.qualityUpToWindow).toEqual(quality);
  });

  it('is compared with ours over the same operations', () => {
    expect(ours).toMatchObject({ netNs: 40, overWindow: { netNs: 80, netMinimumNs: 80 } });
    expect(twin).toMatchObject({ netNs: 20, overWindow: { netNs: 40 } });
    expect([netOver(thing, ours), netOver(twin, ours)]).toEqual([80, 40]);
    const target = targetsOf({ races: [race], hotPath: [] }).find(({ sentence }) =>
      /^@thi.ng.*24 TiB/.test(sentence),
    );
    expect(target).toMatchObject({ value: 1500, rival: { value: 3000 } });
    expect(target?.reason).toMatch(/bound asks for 40.0 ns an operation; ours takes 80.0 ns/);
  });

  it('where ours was not timed over them is not compared', () => {
    const { overWindow: _, ...whole } = ours;
    const races = [{ ...race, entries: [whole, thing] }];
    const target = targetsOf({ races, hotPath: [] }).find(({ sentence }) =>
      /^@thi.ng.*24 TiB/.test(sentence),
    );
    expect(target?.value).toBe(undefined);
  });

  it('stands in the table with its window, ours over the same below ours, and no quality', () => {
    const lines = raceText(race).split('\n');
    const line = (of: RegExp) => lines.filter((one) => of.test(one)).join('|');
    expect(line(/@thi.ng/)).toMatch(
      /operations 26000 to 30000, replayed 1 x +120000.0 +120000.0 +120006.0$/,
    );
    expect(line(/^ *granule-aware, operations 26000 to 30000 /)).toMatch(/ 80.0 +80.0$/);
    expect(line(/^ *native granule-aware, operations/)).toMatch(/ 40.0 +40.0$/);
    expect(line(/^ *granule-aware {2}/)).toMatch(/0.111 +70.0 % +0 +70$/);
  });

  it('that is unlawful says so all the same', () => {
    const unlawful = { ...thing, qualityUpToWindow: verdict({ valid: false }) };
    expect(raceText({ ...race, entries: [unlawful] })).toMatch(/1 x \(INVALID\)/);
  });
});
