/**
 * The kit's matchers and runner can fail, say why, and replay.
 */

import fc from 'fast-check';
import { type Assertion, describe, expect, it } from 'vitest';
import type { Decision } from '../../core/host/decision.js';
import { describeHost } from '../../core/host/describe.js';
import type { Host } from '../../core/host/host.js';
import { removeRecord } from '../../core/host/records.js';
import { decide, runInPlace, step } from '../../core/host/step.js';
import { vmProfile } from '../../core/platform/vm/profile.js';
import { qingtianHost, vmHost } from '../kit/hosts.js';
import { intents } from '../kit/intents.js';
import { installMatchers, toBeRefusedWith, toKeepIsolation } from '../kit/matchers.js';
import { runModel } from '../kit/model-run.js';
import { hostShapes, memoryLayouts, topologies } from '../kit/topologies.js';
import { VM_WEIGHTS, vmCommand } from '../kit/vm-commands.js';

installMatchers();

describe('matchers', () => {
  it('toBeRefusedWith takes a rule id or a code, and says what was met', () => {
    const host = qingtianHost();
    const decision = decide(host, { kind: 'qingtian.reserve', conf: { memoryMib: 2 } });
    expect(decision).toBeRefusedWith('conf-complete');
    expect(decision).toBeRefusedWith('QT 07');
    expect(decision).not.toBeRefusedWith('QT 06');
    expect(toBeRefusedWith(decision, 'x').message()).toContain('refused by conf-complete (QT 07)');
    expect(toBeRefusedWith({ effects: [], facts: {} }, 'x').message()).toContain('it was accepted');
  });

  it('toKeepIsolation names the breach', () => {
    const host = vmHost();
    expect(host).toKeepIsolation();
    runInPlace(host, { kind: 'vm.launch', vcpus: 2, memoryMib: 128, nodes: 1 });
    removeRecord(host.tree, 0);
    host.tree.records.length = 0;
    expect(host).not.toKeepIsolation();
    expect(toKeepIsolation(host).message()).toMatch(/no-leak: frames .* belong to enclave 0/);
  });
});

const RESERVE = { kind: 'qingtian.reserve', conf: { memoryMib: 2 } } as const;

describe('what a matcher cannot judge', () => {
  it("a step's result stands for its decision and its host", () => {
    const stepped = step(qingtianHost(), RESERVE);
    expect(stepped).toBeRefusedWith('conf-complete');
    expect(() => expect(stepped).not.toBeRefusedWith('conf-complete')).toThrow(
      'refusal by conf-complete not expected; it was refused by conf-complete',
    );
    expect(stepped).toKeepIsolation();
    const broken = vmHost();
    runInPlace(broken, { kind: 'vm.launch', vcpus: 2, memoryMib: 128, nodes: 1 });
    removeRecord(broken.tree, 0);
    expect({ ...stepped, host: broken }).not.toKeepIsolation();
  });

  it.each<[unknown, string]>([
    [undefined, 'not undefined'],
    [qingtianHost(), 'not a mapping'],
    [{ decision: undefined }, 'not undefined'],
    [decide(qingtianHost(), RESERVE).refusal, 'not a mapping'],
    [[], 'not a list'],
  ])('is no decision, with not before it, too: %#', (given, what) => {
    const asked = `toBeRefusedWith: a decision is asked for, what \`decide\` gives, or the result of \`step\`, ${what}`;
    const wrong = given as Decision;
    expect(() => expect(wrong).toBeRefusedWith('conf-complete')).toThrow(new TypeError(asked));
    expect(() => expect(wrong).not.toBeRefusedWith('conf-complete')).toThrow(new TypeError(asked));
  });

  it('is no rule id', () => {
    const decision = decide(qingtianHost(), RESERVE);
    const none = undefined as unknown as string;
    expect(() => expect(decision).not.toBeRefusedWith(none)).toThrow(
      new TypeError(
        'toBeRefusedWith: a rule id or a code is a text, "image-ratio" or "QT 10", not undefined',
      ),
    );
  });

  it.each<[unknown, string]>([
    [undefined, 'not undefined'],
    [decide(qingtianHost(), RESERVE), 'not a mapping'],
    [{ host: 3 }, 'not a number'],
    [{ host: { host: qingtianHost() } }, 'not all of it'],
  ])('is no host, with not before it, too: %#', (given, what) => {
    const asked = `toKeepIsolation: a host is asked for, the \`host\` of what describeHost gives, ${what}`;
    const wrong = given as Host;
    expect(() => expect(wrong).toKeepIsolation()).toThrow(new TypeError(asked));
    expect(() => expect(wrong).not.toKeepIsolation()).toThrow(new TypeError(asked));
  });

  it('is refused by the types, where those know it', () => {
    type May<T> = readonly [
      isolation: [] extends Parameters<Assertion<T>['toKeepIsolation']> ? true : false,
      refusal: [string] extends Parameters<Assertion<T>['toBeRefusedWith']> ? true : false,
    ];
    // The values are what tsc says.
    const host: May<Host> = [true, false];
    const promised: May<Promise<Host>> = [true, false];
    const decision: May<Decision> = [false, true];
    const stepped: May<ReturnType<typeof step>> = [true, true];
    const text: May<string> = [false, false];
    expect([host, promised, decision, stepped, text]).toHaveLength(5);
  });
});

/** Of the error that it ends in. */
function said(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'nothing failed';
}

describe('runModel', () => {
  const model = {
    host: () => vmHost(),
    intents: intents(VM_WEIGHTS, 40),
    resolve: vmCommand,
    check: ({ tree }: ReturnType<typeof vmHost>) =>
      tree.records.length > 1 ? 'two VMs at once' : undefined,
  };
  const failure = (settings: Parameters<typeof runModel>[1]): string =>
    said(() => runModel(model, settings));

  it('prints the shrunk commands with a seed and path that replay them', () => {
    const first = failure({ seed: 7 });
    expect(first.split('\n').filter((line) => line.includes('"vm.launch"'))).toHaveLength(2);
    const path = /path '([\d:]+)'/.exec(first)?.[1];
    expect(failure({ seed: 7, path })).toContain('two VMs at once');
    expect(failure({ seed: 7 })).toBe(first);
  });

  it('draws a host for each sequence, prints that of the failure, tells the check what was refused', () => {
    const met = new Set<string>();
    const onDrawn = (settings: Parameters<typeof runModel>[1]) =>
      said(() =>
        runModel(
          {
            ...model,
            shapes: hostShapes(),
            host: (shape) => {
              met.add(JSON.stringify(shape));
              return vmHost(shape);
            },
            check: (_host, _command, refusal) =>
              refusal?.rule === 'vm-nodes' ? refusal.message : undefined,
          },
          settings,
        ),
      );
    const first = onDrawn({ seed: 7 });
    expect(first).toMatch(
      /^nodes .*\n {2}on the host \{"nodes":\d,.*\}\n(?: {2}\{"kind":.*\n)+replay: seed 7, path/,
    );
    expect(met.size).toBeGreaterThan(1);
    expect(onDrawn({ seed: 7 })).toBe(first);
    const path = /path '([\d:]+)'/.exec(first)?.[1];
    expect(onDrawn({ seed: 7, path })).toBe(first);
  });

  it.each([
    [{ runs: 0 }, 'runs should be a whole number from 1'],
    [{ runs: 1.5 }, 'runs should be a whole number from 1'],
    [{ seed: 2 ** 31 }, 'seed should be a 32-bit integer'],
    [{ path: 3 }, 'path should be a text'],
    [{ run: 5 }, 'run is no field here'],
  ])('settings that would have tried nothing, or something else: %j', (settings, message) => {
    expect(() => runModel(model, settings as object)).toThrow(`settings of runModel: ${message}`);
  });
});

describe('arbitraries', () => {
  it('every drawn topology and layout can be described', () => {
    fc.assert(
      fc.property(
        topologies().chain((topology) =>
          memoryLayouts(topology.nodes.length, 512).map((layout) => ({ topology, layout })),
        ),
        ({ topology, layout }) => {
          const memoryMib = topology.nodes.map(() => 512);
          const described = describeHost({ profile: vmProfile(), topology, memoryMib, layout });
          expect('problems' in described ? described.problems : []).toEqual([]);
        },
      ),
    );
  });
});
