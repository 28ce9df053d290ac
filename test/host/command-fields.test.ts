/**
 * Commands that come from text: what is no command is named, and what is one never makes a host
 * throw, however wild its numbers are.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMAND_KINDS, readCommand } from '../../core/host/command-fields.js';
import { runInPlace } from '../../core/host/step.js';
import { checkInvariants } from '../../core/invariants/check.js';
import { canonicalJson, decodeCommand } from '../../core/journal/codec.js';
import { problemText } from '../../core/units/field-checks.js';
import { CAMPAIGNS, WILD_CAMPAIGN } from '../kit/campaigns.js';
import { scaledRuns } from '../seed.js';

const WILD = [0, 1, 2, 3, 63, 64, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53 - 1];
const WILD_BIG = ['0n', '1n', '4294967296n', '9223372036854775808n', '18446744073709551615n'];

/** The value with its `nth` number (counted in depth, modulo their count) replaced by a wild one. */
function wilder(value: unknown, nth: number, pick: number): unknown {
  const numbers: (() => void)[] = [];
  const copy: unknown = structuredClone(value);
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return;
    const holder = node as Record<string, unknown>;
    for (const [key, one] of Object.entries(holder)) {
      const isBig = typeof one === 'string' && /^\d+n$/.test(one);
      const list: readonly unknown[] = isBig ? WILD_BIG : WILD;
      if (isBig || typeof one === 'number') {
        numbers.push(() => {
          holder[key] = list[pick % list.length];
        });
      } else visit(one);
    }
  };
  visit(copy);
  if (numbers.length > 0) numbers[nth % numbers.length]();
  return copy;
}

describe('readCommand', () => {
  it.each(CAMPAIGNS)('$name: reads back whatever a campaign does', ({ host, intents, resolve }) => {
    fc.assert(
      fc.property(intents(40), (list) => {
        const at = host();
        for (const intent of list) {
          const command = resolve(at, intent);
          expect(decodeCommand(canonicalJson(command))).toEqual(
            JSON.parse(canonicalJson(command), (key, inner) =>
              typeof inner === 'string' && key !== 'text' && /^\d+n$/.test(inner)
                ? BigInt(inner.slice(0, -1))
                : inner,
            ),
          );
          runInPlace(at, command);
        }
      }),
      { numRuns: scaledRuns(20) },
    );
  });

  it.each(CAMPAIGNS)(
    '$name: wild numbers are refused, never thrown',
    ({ name, host, intents, resolve }) => {
      fc.assert(
        fc.property(intents(40), fc.nat(), fc.nat(), fc.nat(9), (list, nth, pick, often) => {
          const at = host();
          for (const [i, intent] of list.entries()) {
            const sound = resolve(at, intent);
            if (i % 10 < often) {
              runInPlace(at, sound);
              continue;
            }
            const read = readCommand(wilder(JSON.parse(canonicalJson(sound)), nth + i, pick + i));
            if ('command' in read) runInPlace(at, read.command);
          }
          // Hotplug and unbinding break some by named quirks (test/invariants).
          if (name === WILD_CAMPAIGN.name) return;
          expect(checkInvariants(at).filter(({ quirk }) => quirk === undefined)).toEqual([]);
        }),
        { numRuns: scaledRuns(150) },
      );
    },
  );

  it.each([
    ['no mapping', 7, 'a command is a mapping with a kind'],
    ['a kind that there is not', { kind: 'nitro.open' }, 'kind there is no command "nitro.open"'],
    ['a kind of the prototype', { kind: 'constructor' }, 'kind there is no command "constructor"'],
    ['a field missing', { kind: 'nitro.poll' }, 'slot should be a whole number from 0'],
    ['a field too many', { kind: 'parent.stop', at: 1 }, 'at is no field here; there are: none'],
    ['a text that is a number', { kind: 'nitro.write-pool', text: 3 }, 'text should be a text'],
    [
      'a number in quotes',
      { kind: 'nitro.poll', slot: '3' },
      'slot should be a whole number from 0, not a text (write 3 without quotes)',
    ],
    [
      'a text that no number is meant by',
      { kind: 'nitro.map-page', task: '-3', pageKib: '' },
      'task should be a process id from 0 to 4194304, not a text; pageKib should be a whole number from 0, not a text',
    ],
    ['half a page', { kind: 'nitro.map-page', task: 1, pageKib: 0.5 }, 'pageKib should be a whole'],
    [
      'a CID of 65 bits',
      { kind: 'nitro.start', slot: 1, cid: `${2n ** 64n}n`, flags: 0 },
      'cid should',
    ],
    [
      'an answer that never fails',
      { kind: 'nitro.close', slot: 1, answers: { SLOT_FREE: { nth: 1, errno: 0 } } },
      'answers.SLOT_FREE.errno should be a positive',
    ],
    ['a kind cut short', { kind: 'poll' }, 'no command "poll" (did you mean nitro.poll?)'],
    [
      'another kind of a platform',
      { kind: 'vm.start' },
      'no command "vm.start" (known: vm.launch, vm.terminate, vm.crash)',
    ],
    ['a word', { kind: 'zzz' }, 'no command "zzz" (they begin with parent., nitro., qingtian. or'],
  ])('%s is named', (_, value, message) => {
    const read = readCommand(value);
    if ('command' in read) expect.fail('it was accepted');
    expect(read.problems.map(problemText).join('; ')).toContain(message);
  });

  it('knows every kind that a campaign uses, and a small number as a 64-bit one', () => {
    expect(COMMAND_KINDS).toHaveLength(new Set(COMMAND_KINDS).size);
    const read = readCommand({ kind: 'nitro.start', slot: 1, cid: 5, flags: 0 });
    expect(read).toEqual({ command: { kind: 'nitro.start', slot: 1, cid: 5n, flags: 0n } });
  });
});

describe('a kind that there is not', () => {
  it.each([
    ['nitro.qqqqqqqqqq', /^known: nitro\.[\w-]+(, nitro\.[\w-]+)*$/],
    ['nitroz.qqqqqqqqqq', /^they begin with parent\., nitro\., qingtian\. or vm\.$/],
    ['pqqqqq.qqqqqqqqqq', /^they begin with parent\., nitro\., qingtian\. or vm\.$/],
    ['nitro.creat-vm', /^did you mean nitro\.create-vm\?$/],
  ])('%s: %s', (kind, suggestion) => {
    const read = readCommand({ kind });
    expect('problems' in read && read.problems).toEqual([
      {
        path: ['kind'],
        message: `there is no command "${kind}"`,
        suggestion: expect.stringMatching(suggestion),
      },
    ]);
  });
});
