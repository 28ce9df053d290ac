/**
 * What-ifs of a live host: whatever steps are tried on it, it is worked on in place as if there had been
 * none, and no step's result is changed by that work.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command, QingtianRequest } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import {
  applyUndoable,
  decide,
  runInPlace,
  type Stepped,
  step,
  type UndoMark,
  undo,
} from '../../core/host/step.js';
import { expectSame } from '../expect-same.js';
import { show } from '../kit/audited-run.js';
import { CAMPAIGNS } from '../kit/campaigns.js';
import { qingtianHost } from '../kit/hosts.js';
import { scaledRuns } from '../seed.js';

const LENGTH = 60;

/** All of a host to compare at once; of a step's result what it tells, too. */
function stateNow({ tree, memory }: Host) {
  return { tree, stores: memory.map((node) => node.snapshot()) };
}

function resultNow({ host, decision, patches, inversePatches }: Stepped) {
  return { ...stateNow(host), decision, patches, inversePatches };
}

function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeepFrozen);
}

/** An independent live host of the same state. */
function forkOf(host: Host): Host {
  const { tree, memory } = host;
  return { ...host, tree: structuredClone(tree), memory: memory.map((node) => node.fork()) };
}

/** A host that is worked on in place, and what is to be undone of it. */
class Worked {
  host: Host;
  marks: UndoMark[] = [];

  constructor(host: Host) {
    this.host = host;
  }

  inPlace(command: Command): void {
    // What no mark takes back makes the marks before it worthless.
    if (runInPlace(this.host, command).effects.length > 0) this.marks = [];
  }

  mark(command: Command): void {
    this.marks.push(applyUndoable(this.host, decide(this.host, command).effects));
  }

  undo(): void {
    const mark = this.marks.pop();
    if (mark !== undefined) undo(this.host, mark);
  }

  fork(): void {
    this.host = forkOf(this.host);
    this.marks = [];
  }
}

type Doing = 'step' | 'step on' | 'step and take it' | 'in place' | 'mark' | 'undo' | 'fork';

const DOINGS = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Doing>('step', 'step on', 'step and take it') },
    { weight: 6, arbitrary: fc.constantFrom<Doing>('mark', 'mark', 'undo') },
    { weight: 2, arbitrary: fc.constant<Doing>('in place') },
    { weight: 1, arbitrary: fc.constant<Doing>('fork') },
  ),
  { minLength: LENGTH, maxLength: LENGTH },
);

/** Does it to the host that is stepped and, but for the steps, to its twin that never is. */
function does(doing: Doing, command: Command, worked: Worked, twin: Worked, newest?: Stepped) {
  switch (doing) {
    case 'step':
      return step(worked.host, command);
    case 'step on':
      return step(newest?.host ?? worked.host, command);
    case 'step and take it': {
      const stepped = step(worked.host, command);
      worked.marks.push(applyUndoable(worked.host, stepped.decision.effects));
      twin.mark(command);
      return stepped;
    }
    case 'in place':
      for (const one of [worked, twin]) one.inPlace(command);
      return undefined;
    case 'mark':
      for (const one of [worked, twin]) one.mark(command);
      return undefined;
    case 'undo':
    case 'fork':
      for (const one of [worked, twin]) one[doing]();
      return undefined;
  }
}

describe.each(CAMPAIGNS)('what-ifs of a live host: $name', (campaign) => {
  it('it is worked on as if there were none, and no result is changed by that', () => {
    fc.assert(
      fc.property(campaign.intents(LENGTH), DOINGS, (list, doings) => {
        const worked = new Worked(campaign.host());
        const twin = new Worked(campaign.host());
        const results: { readonly of: string; readonly got: Stepped; readonly copy: unknown }[] =
          [];
        for (const [i, intent] of list.entries()) {
          const command = campaign.resolve(twin.host, intent);
          const got = does(doings[i], command, worked, twin, results.at(-1)?.got);
          const what = () => `${doings[i]}: ${show(command)}`;
          expectSame(stateNow(worked.host), stateNow(twin.host), what);
          if (got === undefined) continue;
          expect(isDeepFrozen(got.host.tree), what()).toBe(true);
          results.push({ of: what(), got, copy: structuredClone(resultNow(got)) });
        }
        for (const { of, got, copy } of results) expectSame(resultNow(got), copy, of);
      }),
      { numRuns: scaledRuns(40) },
    );
  });
});

describe('found bugs: one what-if froze what it did not touch of the live host', () => {
  const TRY: Command = { kind: 'parent.set-online', cpu: 15, online: false };
  const ENCLAVE = 0;
  const LAUNCH: QingtianRequest = {
    image: {
      bytes: 2 ** 20,
      sections: ['kernel', 'cmdline', 'ramdisk', 'init'],
      os: 'linux',
      kind: 'eif',
    },
    vcpus: 2,
    memoryMib: 256,
    cid: 4,
    debug: false,
    defaulted: [],
  };

  /** A parent with a reservation and one enclave that runs. */
  function withEnclave(): Host {
    const host = qingtianHost();
    const conf = { hugepageSizeMib: 2, memoryMib: 1024, cpuCount: 4 };
    for (const command of [
      { kind: 'qingtian.reserve', conf },
      { kind: 'qingtian.launch', request: LAUNCH },
    ] as const) {
      expect(runInPlace(host, command).refusal).toBeUndefined();
    }
    return host;
  }

  it.each<Command>([{ kind: 'qingtian.stop', uid: ENCLAVE }, { kind: 'parent.stop' }])(
    '$kind in place afterwards is carried out whole',
    (command) => {
      const [host, twin] = [withEnclave(), withEnclave()];
      expect(step(host, TRY).decision.refusal).toBeUndefined();
      for (const one of [host, twin]) expect(runInPlace(one, command).refusal).toBeUndefined();
      expectSame(stateNow(host), stateNow(twin));
    },
  );

  it('a mark that is older than the what-if is undone whole', () => {
    const host = withEnclave();
    const before = structuredClone(stateNow(host));
    const mark = applyUndoable(host, decide(host, { kind: 'parent.stop' }).effects);
    step(host, { kind: 'parent.boot' });
    undo(host, mark);
    expectSame(stateNow(host), before);
  });

  it('memory that the what-if does not touch is not shared with it', () => {
    const host = qingtianHost();
    const { host: tried } = step(host, TRY);
    const before = structuredClone(stateNow(tried));
    const conf = { hugepageSizeMib: 2, memoryMib: 512, cpuCount: 4 };
    expect(runInPlace(host, { kind: 'qingtian.reserve', conf }).refusal).toBeUndefined();
    expectSame(stateNow(tried), before);
  });

  it('nor does a refused one give out the live host, which goes on', () => {
    const host = qingtianHost();
    const { host: tried } = step(host, { kind: 'parent.boot' });
    const before = structuredClone(stateNow(tried));
    runInPlace(host, { kind: 'parent.stop' });
    expectSame(stateNow(tried), before);
    expect(() => runInPlace(tried, { kind: 'parent.stop' })).toThrow('came from step');
  });
});
