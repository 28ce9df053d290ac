/**
 * Immer and in place are one host: the same decisions, the same tree, the same bytes in the stores;
 * and every way back ends where it started.
 */
import fc from 'fast-check';
import { applyPatches } from 'immer';
import { describe, it } from 'vitest';
import { apply } from '../../core/host/apply.js';
import type { Host } from '../../core/host/host.js';
import {
  applyUndoable,
  decide,
  runInPlace,
  step,
  type UndoMark,
  undo,
} from '../../core/host/step.js';
import { expectSame } from '../expect-same.js';
import { show } from '../kit/audited-run.js';
import { CAMPAIGNS } from '../kit/campaigns.js';
import { scaledRuns } from '../seed.js';

const LENGTH = 120;
const RUNS = { numRuns: scaledRuns(40) };

/** A host's whole state to compare at once: its own tree, and each node's stores as bytes. */
function stateNow({ tree, memory }: Host) {
  return { tree, stores: memory.map((node) => node.snapshot()) };
}

/** The same by value, to compare later. */
function stateOf(host: Host) {
  const { tree, stores } = stateNow(host);
  return { tree: structuredClone(tree), stores };
}

/** Freezes a tree to its leaves, so that a write throws. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

describe.each(CAMPAIGNS)('two ways: $name', (campaign) => {
  it('Immer equals in place, command by command', () => {
    fc.assert(
      fc.property(campaign.intents(LENGTH), (list) => {
        const live = campaign.host();
        let kept = campaign.host();
        for (const intent of list) {
          const command = campaign.resolve(live, intent);
          const inPlace = runInPlace(live, command);
          const stepped = step(kept, command);
          kept = stepped.host;
          expectSame(stepped.decision, inPlace, () => `decision on ${show(command)}`);
          expectSame(stateNow(kept), stateNow(live), () => `state after ${show(command)}`);
        }
      }),
      RUNS,
    );
  });

  it('a step leaves the old host as it was, and its patches lead there and back', () => {
    fc.assert(
      fc.property(campaign.intents(LENGTH), (list) => {
        let host = campaign.host();
        for (const intent of list) {
          const old = stateOf(host);
          const command = campaign.resolve(host, intent);
          const { host: next, patches, inversePatches } = step(host, command);
          const what = () => show(command);
          expectSame(stateNow(host), old, () => `old host after ${what()}`);
          expectSame(
            applyPatches(host.tree, [...patches]),
            next.tree,
            () => `patches of ${what()}`,
          );
          expectSame(
            applyPatches(next.tree, [...inversePatches]),
            old.tree,
            () => `back from ${what()}`,
          );
          host = next;
        }
      }),
      RUNS,
    );
  });

  it('undo restores the tree value for value and the stores byte for byte', () => {
    fc.assert(
      fc.property(campaign.intents(LENGTH), (list) => {
        const host = campaign.host();
        const first = stateOf(host);
        const marks: UndoMark[] = [];
        for (const intent of list) {
          const command = campaign.resolve(host, intent);
          const { effects } = decide(host, command);
          const old = stateOf(host);
          undo(host, applyUndoable(host, effects));
          expectSame(stateNow(host), old, () => `undone ${show(command)}`);
          marks.push(applyUndoable(host, effects));
        }
        while (marks.length > 0) {
          const mark = marks.pop();
          if (mark !== undefined) undo(host, mark);
        }
        expectSame(stateNow(host), first, 'all undone');
      }),
      RUNS,
    );
  });

  it('deciding never writes, and decides the same twice', () => {
    fc.assert(
      fc.property(campaign.intents(LENGTH), (list) => {
        const live = campaign.host();
        for (const intent of list) {
          const command = campaign.resolve(live, intent);
          const frozen = { ...live, tree: deepFreeze(structuredClone(live.tree)) };
          const stores = live.memory.map((node) => node.snapshot());
          const decision = decide(frozen, command);
          expectSame(decide(live, command), decision, () => `second decision on ${show(command)}`);
          expectSame(
            live.memory.map((node) => node.snapshot()),
            stores,
            () => `stores after deciding ${show(command)}`,
          );
          apply(live, decision.effects);
        }
      }),
      RUNS,
    );
  });
});
