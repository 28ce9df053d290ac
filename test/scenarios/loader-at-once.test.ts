/**
 * Problems of different kinds in one file: a malformed value hides no contradiction elsewhere, and
 * what merely follows from a malformed part is not told as a problem of its own.
 */
import { describe } from 'vitest';
import { type BadRow, explicit, tellsEach, timeline } from './loader-rows.js';
import { SMALL } from './loader-samples.js';

const BAD_UNIT = 'reservation: {memory: 512Q}\n';
const UNIT = ['4:23', 'reservation.memory', 'unknown unit "Q"'] as const;

const TOGETHER: readonly BadRow[] = [
  [
    'an unknown type beside a wrong unit',
    SMALL.replace('m5.16', 'm5.61') + BAD_UNIT,
    ['3:16', 'parent.type', 'unknown instance type'],
    UNIT,
  ],
  [
    'an unknown platform beside a wrong unit',
    `${SMALL}${BAD_UNIT}platform: nitor\n`,
    UNIT,
    ['5:11', 'platform', 'did you mean `nitro`?'],
  ],
  [
    'a name, an image and a time beside malformed values of the same entries',
    `${SMALL}${BAD_UNIT}workload:
  timeline:
    - {at: 5s, launch: {name: a, image: web, memory: 1Q}}
    - {at: 1s, terminate: b, why: x}
    - {at: 2x, crash: a}
`,
    UNIT,
    ['7:41', 'workload.timeline[0].launch.image', 'no image is named `web`'],
    ['7:54', 'workload.timeline[0].launch.memory', 'unknown unit'],
    ['8:12', 'workload.timeline[1].at', 'time runs backwards'],
    ['8:27', 'workload.timeline[1].terminate', 'known: `a`'],
    ['8:30', 'workload.timeline[1].why', 'unknown key'],
    ['9:12', 'workload.timeline[2].at', 'not a duration'],
  ],
  [
    'a CPU in two nodes beside a wrong unit and an unknown key',
    explicit(
      '{nodes: [{cpus: "0-3", memory: 1Q}, {cpus: "3-6", memory: 1GiB, x: 1}], threadsPerCore: 1, y: 1}',
    ),
    ['4:44', 'parent.topology.nodes[0].memory', 'unknown unit'],
    ['4:56', 'parent.topology.nodes[1].cpus', 'CPU 3 is already on NUMA node 0'],
    ['4:77', 'parent.topology.nodes[1].x', 'unknown key'],
    ['4:104', 'parent.topology.y', 'unknown key'],
  ],
  [
    'type and topology beside a malformed topology',
    SMALL.replace('}', ', topology: {nodes: 5}}'),
    ['3:29', 'parent.topology', 'contradict each other'],
    ['3:47', 'parent.topology.nodes', 'must be a list'],
  ],
  [
    'a free range past the end beside a wrong unit',
    explicit(
      '{nodes: [{cpus: "0-1", memory: 1GiB}]}',
      `  memoryLayout: {kind: explicit, free: [[[1020MiB, 8MiB]]]}\nseed: -1\n`,
    ),
    ['5:42', 'parent.memoryLayout.free[0][0]', 'but the node has 1 GiB'],
    ['6:7', 'seed', 'at least 0'],
  ],
  [
    'a page size on Nitro beside a wrong unit',
    `${SMALL}reservation: {memory: 512Q, pageSize: 2MiB}\n`,
    UNIT,
    ['4:29', 'reservation.pageSize', 'QingTian setting'],
  ],
  [
    'a missing version beside everything else',
    `title: t\nparent: {type: m5.61xlarge}\nseeed: 1\n`,
    ['1:1', 'schemaVersion', 'write schemaVersion: 1'],
    ['2:16', 'parent.type', 'unknown instance type'],
    ['3:1', 'seeed', 'did you mean `seed`?'],
  ],
];

const FOLLOWS: readonly BadRow[] = [
  [
    'a misspelt launch, not the names it would have given',
    timeline('{lanch: {name: a}}', '{terminate: a}'),
    ['6:8', 'workload.timeline[0].lanch', 'did you mean `launch`?'],
  ],
  [
    'a launch without its name, not those who use it',
    timeline('{launch: {nmae: a}}', '{terminate: a}'),
    ['6:16', 'workload.timeline[0].launch.name', 'is missing'],
    ['6:17', 'workload.timeline[0].launch.nmae', 'unknown key'],
  ],
  [
    'a misspelt workload, not the expectations on it',
    `${SMALL}worklod: {timeline: [{launch: {name: a}}]}\nexpect: [{launch: a, is: ok}]\n`,
    ['4:1', 'worklod', 'did you mean `workload`?'],
  ],
  [
    'misspelt images, not the launches that use them',
    `${timeline('{launch: {name: a, image: web}}')}imges: {web: {size: 1MiB}}\n`,
    ['7:1', 'imges', 'did you mean `images`?'],
  ],
  [
    'a malformed count, not the names it would have given',
    timeline('{launch: {name: a, count: many}}', '{terminate: a-1}'),
    ['6:33', 'workload.timeline[0].launch.count', 'whole number'],
  ],
  [
    'a misspelt key of the parent, not that it says nothing',
    SMALL.replace('type:', 'tpye:'),
    ['3:10', 'parent.tpye', 'did you mean `type`?'],
  ],
  [
    'a malformed image, not the launches that use it',
    `${timeline('{launch: {name: a, image: web}}')}images: {web: {size: 1Q}}\n`,
    ['7:22', 'images.web.size', 'unknown unit'],
  ],
];

describe('loader: problems of several kinds at once', () => tellsEach(TOGETHER));
describe('loader: what follows is not told', () => tellsEach(FOLLOWS));
