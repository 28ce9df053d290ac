/**
 * The declared view is exact enough: what it leaves out changes no answer and no later state.
 *
 * Random walks on a host that was loaded from its key after every step, beside the same walk on a
 * host that was never loaded: uids, CIDs, pins and creation order differ, answers and keys may not.
 */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { FrameLine } from '../../core/explore/frame-line.js';
import { createHostKeys } from '../../core/explore/host-keys.js';
import { createHostModel } from '../../core/explore/host-model.js';
import { MOVED } from '../../core/explore/model.js';
import { type Scope, uidAt } from '../../core/explore/scope.js';
import { SCOPES } from '../../core/explore/scopes.js';
import { apply } from '../../core/host/apply.js';
import type { Host } from '../../core/host/host.js';
import { decide } from '../../core/host/step.js';
import { createExtentPool } from '../../core/memory/extent-pool.js';
import type { ExtentStore } from '../../core/memory/extent-store.js';
import { expectSame } from '../expect-same.js';
import { scaledRuns } from '../seed.js';

const SMALL = SCOPES.filter(({ size }) => size === 'small');
const FRAMES = 8;
const RUN = 7;

/** Takes a move on a host that is never loaded; undefined = there is no such move. */
function takeOn(host: Host, scope: Scope, number: number) {
  const move = scope.moves[number];
  if (move.fills !== undefined) {
    if (uidAt(host, move.fills) !== undefined) return undefined;
    host.tree.counters.nextSlot = host.hypervisor.firstSlot + move.fills;
  }
  const command = move.command(host);
  if (command === undefined) return undefined;
  const decision = decide(host, command);
  apply(host, decision.effects);
  return decision;
}

describe('view', () => {
  it.each(SMALL)('$name: a loaded host goes on as the one it was taken from', (scope) => {
    fc.assert(
      fc.property(walks(scope), (walk) => {
        const model = createHostModel(scope);
        const straight = scope.build();
        const straightKeys = createHostKeys(straight, scope.places);
        const texts = [new Int32Array(model.words), new Int32Array(model.words)];
        model.begin(texts[0]);
        for (const number of walk.flatMap((first) => from(first, scope.moves))) {
          const tried = model.take(number);
          const decision = takeOn(straight, scope, number);
          const loaded = tried === 0 ? undefined : model.decision();
          expectSame(loaded?.refusal?.rule, decision?.refusal?.rule);
          // Which number a new file gets is left out of the view, so of the answer, too.
          const isOpen = decision?.refusal !== undefined || decision?.facts.fd !== undefined;
          if (!isOpen) expectSame(loaded?.facts.rc, decision?.facts.rc);
          if (tried !== MOVED) continue;
          model.encode(texts[0]);
          model.takeBack();
          model.load(texts[0]);
          straightKeys.encode(texts[1]);
          expectSame(contents(straightKeys, texts[1]), contents(model.keys, texts[0]));
        }
      }),
      { numRuns: scaledRuns(30) },
    );
  });

  it.each(SMALL)('$name: writing what effects touch = writing all, and undo is exact', (scope) => {
    fc.assert(
      fc.property(walks(scope), (walk) => {
        const model = createHostModel(scope);
        const [here, quick, whole] = [0, 1, 2].map(() => new Int32Array(model.words));
        model.begin(here);
        for (const number of walk.flatMap((first) => from(first, scope.moves))) {
          if (model.take(number) !== MOVED) continue;
          model.encode(quick);
          model.keys.encode(whole);
          expectSame(quick, whole);
          model.takeBack();
          model.keys.encode(whole);
          expectSame(whole, here);
          model.load(quick);
          here.set(quick);
        }
      }),
      { numRuns: scaledRuns(30) },
    );
  });
});

type Keys = ReturnType<typeof createHostKeys>;

/** The parts a key names, without the numbers that a register gave them. */
function contents({ registers, layout }: Keys, key: Int32Array): unknown {
  const nodes = [...key.subarray(2, layout.firstPlace)].map((n) => registers.nodes.part(n));
  const places = [...key.subarray(layout.firstPlace, layout.mappings)];
  return {
    base: registers.base.part(key[0]),
    cpus: registers.cpus.part(key[1]),
    nodes: nodes.map((part) => part.map((cells) => [...cells])),
    enclaves: places.map((n) => (n === 0 ? 'none' : registers.enclaves.part(n - 1))),
    mappings: registers.mappings.part(key[layout.mappings]),
  };
}

/** A run of neighbouring moves, so that the steps of one launch often follow each other. */
function from(first: number, moves: readonly unknown[]): number[] {
  return Array.from({ length: RUN }, (_, i) => (first + i) % moves.length);
}

function walks({ moves }: Scope): fc.Arbitrary<number[]> {
  const move = fc.integer({ min: 0, max: moves.length - 1 });
  return fc.array(move, { minLength: 40, maxLength: 250 });
}

describe('frame line: every choice is the first-fit pool’s', () => {
  it('the same requests get the same places from both', () => {
    // The last one is longer than the node, as that of the scopes is.
    const granules = fc.constantFrom(1, 2, 4, 16);
    const request = fc.record({
      kind: fc.constantFrom('alloc', 'allocAt', 'free', 'freeRange', 'setOwner', 'undo'),
      start: fc.integer({ min: 0, max: FRAMES - 1 }),
      frames: fc.integer({ min: 1, max: 4 }),
      align: fc.constantFrom(1, 2, 4),
      owner: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(granules, fc.array(request, { maxLength: 60 }), (granuleFrames, requests) => {
        const line = new FrameLine(FRAMES, granuleFrames);
        const pool = createExtentPool({
          tag: 0,
          frames: FRAMES,
          granuleFrames,
          policy: 'first-fit',
        });
        for (const one of requests) {
          const [a, b] = [line, pool].map((store) => outcome(store, one));
          expectSame(a, b);
          expectSame(shown(line), shown(pool));
          expectSame(line.verifyIndex(), []);
        }
      }),
    );
  });
});

interface StoreRequest {
  readonly kind: string;
  readonly start: number;
  readonly frames: number;
  readonly align: number;
  readonly owner: number;
}

/** What a store answers; a request that it must refuse throws in both. */
function outcome(store: ExtentStore, request: StoreRequest): unknown {
  const { kind, start, frames, align, owner } = request;
  const { handle } = store.covering(start);
  try {
    if (kind === 'alloc') return [store.find(frames, align), store.alloc(frames, align, owner) > 0];
    if (kind === 'allocAt') return store.allocAt(start, frames, owner) > 0;
    if (kind === 'freeRange') return store.freeRange(start, frames);
    if (kind === 'free') return store.free(handle);
    if (kind === 'setOwner') return store.setOwner(handle, owner);
    const mark = store.mark();
    store.alloc(frames, align, owner);
    return store.rollback(mark);
  } catch {
    return 'refused';
  }
}

function shown(store: ExtentStore): unknown {
  return {
    extents: [...store.extents()].map(({ start, frames, owner }) => [start, frames, owner]),
    free: store.freeFrames,
    largest: store.largestFreeRun(),
    granules: store.largestGranuleRun(),
    pairs: store.freeUnits(2),
    lowest: store.findLowest(2, 2, 3),
  };
}
