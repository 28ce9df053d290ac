/**
 * Each planted fault alone in the search that the self-test makes: where it is met, by which shortest
 * path, and what is found broken there (faults-met).
 */
import { describe, expect, it } from 'vitest';
import { PLANTED_FAULTS, type PlantedFault, plant } from '../../core/explore/planted-faults.js';
import { withLaunches } from '../../core/explore/qingtian-scopes.js';
import { createRememberingModel } from '../../core/explore/remembering-model.js';
import type { Scope } from '../../core/explore/scope.js';
import { findScope, SCOPES } from '../../core/explore/scopes.js';
import { search } from '../../core/explore/search.js';
import { apply } from '../../core/host/apply.js';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';
import { decide } from '../../core/host/step.js';
import { faultNamed } from './fault-named.js';
import { CHANGED, MET } from './faults-met.js';
import { TINY, wholeScope } from './tiny-scopes.js';

/** Those that leave a rule out are pinned apart. */
const OF_EFFECTS = PLANTED_FAULTS.filter(({ without }) => without === undefined);

const FIRST = new Map(
  (['qingtian', 'nitro', 'vm'] as const).map((platform) => {
    const [scope] = SCOPES.filter((one) => one.platform === platform);
    return [platform, platform === 'qingtian' ? withLaunches(scope) : scope];
  }),
);

function scopeOf({ platform, scope: name }: PlantedFault): Scope {
  const scope = name === undefined ? FIRST.get(platform) : findScope(name);
  if (scope === undefined) throw new Error(`no scope of ${platform}`);
  return scope;
}

describe('a planted fault in the search', () => {
  it('has an id of its own, a sentence, and is pinned here', () => {
    expect(OF_EFFECTS.map(({ id }) => id)).toEqual(MET.map(([id]) => id));
    for (const { id, sentence } of OF_EFFECTS) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(sentence).toMatch(/^[A-Z].* .*\.$/);
    }
  });

  it.each(MET)('%s is met after %i states, breaking %s', (id, states, broken, path) => {
    const fault = faultNamed(id);
    const scope = scopeOf(fault);
    const model = createRememberingModel(scope, { host: plant(scope.build(), fault) });
    const { found, counts } = search(model, { maxStates: states + 1 });
    expect(counts.unique).toBe(states);
    expect(found?.breach.properties.join()).toBe(broken);
    expect(broken.split(',')).toContain(fault.noticedBy);
    const kinds = found?.path.map((move) => kindOf(scope, move)) ?? [];
    expect(kinds).toEqual(path);
  });
});

describe('a planted fault in every state of the tiny scopes', () => {
  it.each(['qingtian', 'nitro', 'vm'])(
    'of %s changes the decisions that are its own',
    (platform) => {
      const faults = OF_EFFECTS.filter((fault) => fault.platform === platform);
      const changed = new Map(faults.map(({ id }) => [id, new Map<string, [number, number]>()]));
      const scopes = [...TINY.map(({ scope }) => scope), wholeScope('vm-2x3x2x3')];
      for (const scope of scopes.filter((one) => one.platform === platform)) {
        for (const { host, command, effects } of decisionsOf(scope)) {
          for (const fault of faults) {
            const more = effectsMore(effects, fault.effects(effects, host, command));
            if (more === undefined) continue;
            const counted = changed.get(fault.id)?.get(command.kind) ?? [0, 0];
            changed.get(fault.id)?.set(command.kind, [counted[0] + 1, counted[1] + more]);
          }
        }
      }
      const shown = [...changed].map(([id, kinds]) => [id, Object.fromEntries(kinds)]);
      expect(shown).toEqual(faults.map(({ id }) => [id, CHANGED[id]]));
    },
  );

  it('a roll-back that loses a CPU is one at the second CPU, and no write that is had or not begun', () => {
    const host = SCOPES[0].build();
    const text = '2-3,6-7';
    const told = (node: number, nth: number): string[] => {
      const pool = { ...host.tree.pool, node };
      const effects: Effect[] = [{ kind: 'set-pool', from: host.tree.pool, to: pool }];
      const answers = { CPU_OFFLINE: { nth, errno: 22 } };
      const command: Command = { kind: 'nitro.write-pool', text, answers };
      const { effects: faulty } = faultNamed('cpu-lost-by-roll-back');
      expect(faulty([], host, command)).toEqual([]);
      expect(faulty(effects, host, { kind: 'nitro.write-pool', text })).toBe(effects);
      return faulty(effects, host, command).map((one) => ('cpu' in one ? `${one.cpu}` : one.kind));
    };
    expect(told(-1, 2)).toEqual(['set-pool', '2']);
    expect(told(1, 2)).toEqual(['set-pool']);
    expect(told(-1, 1)).toEqual(['set-pool']);
  });

  it('leaves the host it is planted in as it was', () => {
    const [scope] = SCOPES;
    const host = scope.build();
    const reserve = scope.moves[0].command(host);
    if (reserve === undefined) throw new Error('a reservation is always a move');
    const sound = decide(host, reserve);
    const faulty = decide(plant(host, faultNamed('page-lost-on-the-way')), reserve);
    expect(faulty.effects).not.toEqual(sound.effects);
    expect({ ...faulty, effects: sound.effects }).toEqual(sound);
    expect(decide(host, reserve)).toEqual(sound);
  });

  it('a reservation made anew gives its pages back before the fault takes what is left', () => {
    const [{ build, moves }] = SCOPES;
    const host = plant(build(), faultNamed('floor-forgotten'));
    const [small, large] = [moves[0], moves[4]].map(({ command }) => command(host));
    if (small === undefined || large === undefined) throw new Error('a move at any time');
    apply(host, decide(build(), small).effects);
    apply(host, decide(host, large).effects);
    expect(host.memory.map(({ base }) => base.freeFrames)).toEqual([0, 0]);
  });
});

interface Decided {
  readonly host: Host;
  readonly command: Command;
  readonly effects: readonly Effect[];
}

/** Each decision of each canonical state. */
function* decisionsOf(scope: Scope): Generator<Decided> {
  const searched = createRememberingModel(scope, { reduced: true });
  const { visited } = search(searched);
  const model = searched.source;
  const key = new Int32Array(model.words);
  for (let state = 0; state < visited.size; state++) {
    visited.read(state, key);
    model.load(key);
    for (let move = 0; move < model.moves; move++) {
      const effects = model.decide(move)?.effects;
      const command = scope.moves[move].command(model.host);
      if (effects && command) yield { host: model.host, command, effects };
    }
  }
}

/** How many effects more a fault makes of a decision; undefined = it changes nothing. */
function effectsMore(sound: readonly Effect[], faulty: readonly Effect[]): number | undefined {
  const isKept = faulty.length === sound.length && faulty.every((one, at) => one === sound[at]);
  const same = isKept || JSON.stringify(faulty) === JSON.stringify(sound);
  return same ? undefined : faulty.length - sound.length;
}

/** The kind of a move's command, read off its label, without its platform. */
function kindOf({ moves }: Scope, move: number): string {
  return moves[move].label.replace(/^(qingtian|nitro|vm)\.| .*$/g, '');
}
