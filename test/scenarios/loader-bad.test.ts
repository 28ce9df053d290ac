/** Bad texts and bad values, row by row. */
import { describe } from 'vitest';
import { type BadRow, tellsEach, timeline } from './loader-rows.js';
import { SMALL } from './loader-samples.js';

const BAD_TEXT: readonly BadRow[] = [
  ['an empty file', '', ['1:1', '', 'the file is empty']],
  ['only a comment', '# nothing\n', ['1:1', '', 'the file is empty']],
  ['a list', '- 1\n', ['1:1', '', 'is a mapping (key: value), not a list']],
  ['a NUL byte', 'title: \0', ['1:8', '', 'control character U+0000']],
  ['two documents', `${SMALL}---\na: 1\n`, ['4:1', '', 'a second document']],
  ['an open bracket', `${SMALL}x: [1\n`, ['5:1', '', 'not valid YAML']],
  ['a bracket too many', 'x: 1\n]', ['2:1', '', 'without its opening']],
  ['a comma too many in JSON', '{"seed": 2,, }', ['1:12', '', 'Unexpected , in { }']],
  [
    'a wrong bracket in JSON',
    '{"seed": [1}',
    ['1:12', '', 'and end with a ]'],
    ['1:12', '', '{ } must end with a }'],
  ],
  ['a tab as indentation', 'a:\n\tb: 1', ['2:1', '', 'Tabs are not allowed']],
  ['a key twice', `${SMALL}title: x\n`, ['4:1', 'title', 'stands here twice']],
  [
    'a key twice in JSON',
    '{"schemaVersion":1,\n"title":"a","title":"b","parent":{"type":"m5.large"}}',
    ['2:13', 'title', 'twice'],
  ],
  ['a merge key', `${SMALL}<<: {seed: 2}\n`, ['4:1', '["<<"]', 'merge keys are not read']],
  ['a tag', `${SMALL}seed: !!int 5\n`, ['4:13', 'seed', 'the tag']],
  ['a list as a key', `${SMALL}? [a]\n: 1\n`, ['1:1', '', 'a key here is no plain text']],
  [
    'an alias to nothing',
    `${SMALL}derived: *no\n`,
    ['4:10', 'derived', 'names no anchor'],
    ['4:10', 'derived', 'must be a list'],
  ],
  [
    'an anchor loop',
    `${SMALL}derived: &x [*x]\n`,
    ['4:14', 'derived[0]', 'contains itself'],
    ['4:14', 'derived[0]', 'must be text'],
  ],
  ['100,000 brackets', '['.repeat(100_000), ['1:100', '', 'nested more than 100']],
  ['100,000 dashes', '- '.repeat(100_000), ['1:199', '', 'nested more than 100']],
  ['100,000 question marks', '? '.repeat(100_000), ['1:199', '', 'nested more than 100']],
  ['100,000 keys in a row', 'a: '.repeat(100_000), ['1:299', '', 'nested more than 100']],
  ['keys in a row in brackets', `{${'a: '.repeat(100_000)}`, ['1:297', '', 'nested more than 100']],
  [
    'deep indentation',
    Array.from({ length: 500 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
    ['100:101', '', 'nested more than 100'],
  ],
  ['a huge file', `${SMALL}#${' '.repeat(2 ** 21)}`, ['1:1', '', 'larger than 2 MiB']],
];

const BAD_VALUES: readonly BadRow[] = [
  [
    'an unknown key',
    `${SMALL}reservaton: {}\n`,
    ['4:1', 'reservaton', 'did you mean `reservation`?'],
  ],
  [
    'an unknown inner key',
    `${SMALL}reservation: {cpucount: 2}\n`,
    ['4:15', 'reservation.cpucount', 'did you mean `cpuCount`?'],
  ],
  [
    'a key one line too far in',
    `${SMALL}`.replace('}', ', memoryLayout: {kind: fresh, extentPolicy: best-fit}}'),
    ['3:57', 'parent.memoryLayout.extentPolicy', '(it belongs to `parent`, beside `memoryLayout`)'],
  ],
  [
    'a key too far out',
    `${SMALL}extentPolicy: best-fit\n`,
    ['4:1', 'extentPolicy', '(it belongs into `parent`)'],
  ],
  [
    'a key far too far in, in a list',
    timeline('{launch: {name: a, at: 5s}}', '{launch: {name: b, seed: 2}}'),
    [
      '6:26',
      'workload.timeline[0].launch.at',
      '(it belongs to `workload.timeline[0]`, beside `launch`)',
    ],
    [
      '7:26',
      'workload.timeline[1].launch.seed',
      '(it belongs to the top of the file, beside `workload`)',
    ],
  ],
  [
    'a key that is near, though another place knows it',
    `${SMALL}workload: {timelin: []}\n`,
    ['4:12', 'workload.timelin', 'did you mean `timeline`?'],
  ],
  [
    'a seed beyond all limits, told once',
    `${SMALL}seed: 99999999999999999999\n`,
    ['4:7', 'seed', 'must be at most 4294967295'],
  ],
  ['__proto__', `${SMALL}__proto__: {polluted: 1}\n`, ['4:1', '__proto__', 'unknown key']],
  ['constructor', `${SMALL}constructor: {prototype: 1}\n`, ['4:1', 'constructor', 'unknown key']],
  [
    'no version',
    'title: x\n',
    ['1:1', 'parent', 'is missing'],
    ['1:1', 'schemaVersion', 'write schemaVersion: 1'],
  ],
  [
    'a newer version',
    'schemaVersion: 2\nnews: 1\n',
    ['1:16', 'schemaVersion', 'update hypercarve'],
  ],
  [
    'an older version',
    'schemaVersion: 0\n',
    ['1:1', 'title', 'is missing'],
    ['1:1', 'parent', 'is missing'],
    ['1:16', 'schemaVersion', 'whole number from 1'],
  ],
  [
    'a wrong unit',
    `${SMALL}reservation: {memory: 512Q}\n`,
    ['4:23', 'reservation.memory', 'unknown unit "Q"'],
  ],
  [
    'a negative size',
    `${SMALL}reservation: {memory: -5}\n`,
    ['4:23', 'reservation.memory', 'not a whole number of MiB'],
  ],
  [
    'a huge size',
    `${SMALL}reservation: {memory: 9999999TiB}\n`,
    ['4:23', 'reservation.memory', 'more than 64 TiB'],
  ],
  [
    'a number beyond exact integers',
    `${SMALL}reservation: {memory: 99999999999999999999999}\n`,
    ['4:23', 'reservation.memory', 'more than 64 TiB'],
  ],
  [
    'a number beyond floats',
    `${SMALL}reservation: {memory: 1e400}\n`,
    ['4:23', 'reservation.memory', 'a whole number, not Infinity'],
  ],
  [
    'a decimal unit',
    `${SMALL}reservation: {memory: 512MB}\n`,
    ['4:23', 'reservation.memory', 'unknown unit "MB"; use KiB, MiB, GiB or TiB'],
  ],
  [
    'a huge count',
    `${SMALL}reservation: {cpuCount: 1e99}\n`,
    ['4:25', 'reservation.cpuCount', 'must be at most'],
  ],
  [
    'a fraction',
    `${SMALL}reservation: {cpuCount: 1.5}\n`,
    ['4:25', 'reservation.cpuCount', 'whole number, not 1.5'],
  ],
  [
    'a number in quotes',
    `${SMALL}reservation: {cpuCount: "4"}\n`,
    ['4:25', 'reservation.cpuCount', 'not the text "4" (write `cpuCount: 4`, without quotes)'],
  ],
  [
    'a number in quotes, of a command',
    timeline('{command: {kind: nitro.poll, slot: "1"}}'),
    ['6:42', 'workload.timeline[0].command.slot', 'not a text (write 1 without quotes)'],
  ],
  ['not a number', `${SMALL}seed: .nan\n`, ['4:7', 'seed', 'whole number, not NaN']],
  [
    'a number for text',
    SMALL.replace('one enclave', '5'),
    ['2:8', 'title', 'put it in quotes: "5"'],
  ],
  [
    'a wrong word',
    timeline('{parent: stopp}'),
    ['6:16', 'workload.timeline[0].parent', 'did you mean `stop`?'],
  ],
  [
    'a command that is no slip of another',
    timeline('{command: {kind: parent.start}}'),
    [
      '6:24',
      'workload.timeline[0].command.kind',
      'one of 40 words, not "parent.start" (known: `parent.boot`, `parent.stop`, `parent.terminate`, `parent.crash`, `parent.set-online`)',
    ],
  ],
  [
    'a command that is a slip of another',
    timeline('{command: {kind: parent.bot}}'),
    ['6:24', 'workload.timeline[0].command.kind', 'did you mean `parent.boot`?'],
  ],
  [
    'a wrong kind of layout',
    SMALL.replace('}', ', memoryLayout: {kind: fres}}'),
    ['3:50', 'parent.memoryLayout.kind', 'one of `fresh`, `uptime`, `explicit`'],
  ],
  [
    'a policy for extents that there is not',
    SMALL.replace('}', ', extentPolicy: worst-fit}'),
    ['3:43', 'parent.extentPolicy', 'one of `granule-aware`, `best-fit`, `first-fit`'],
  ],
  [
    'a misspelt entry',
    timeline('{lanch: {name: a}}'),
    ['6:8', 'workload.timeline[0].lanch', 'did you mean `launch`?'],
  ],
  [
    'an entry without action',
    timeline('{at: 3}'),
    ['6:7', 'workload.timeline[0]', 'one of these keys is needed: `launch`'],
  ],
  [
    'an entry with two actions',
    timeline('{launch: {name: a}, terminate: a}'),
    ['6:7', 'workload.timeline[0]', 'cannot stand together'],
  ],
  [
    'a key of another kind of expectation: itself is never what it may have meant',
    `${SMALL}expect:\n  - {pool: "1", is: ok}\n`,
    ['5:17', 'expect[0].is', '`is` does not go with `pool` (use an entry for each)'],
  ],
  [
    'an entry that is a number',
    timeline('5'),
    ['6:7', 'workload.timeline[0]', 'must be a mapping'],
  ],
  [
    'a bad image name',
    `${SMALL}images: {"my img": {size: 5MiB}}\n`,
    ['4:10', 'images["my img"]', 'cannot be a name here'],
  ],
  [
    'a bad outcome',
    `${SMALL}expect: [{reservation: fine}]\n`,
    ['4:24', 'expect[0].reservation', 'must be `ok` or a mapping'],
  ],
];

describe('loader: bad text', () => tellsEach(BAD_TEXT));
describe('loader: bad values', () => tellsEach(BAD_VALUES));
