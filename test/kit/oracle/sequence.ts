/**
 * One judged sequence: a small host and its naive twin take the same random commands, and are
 * compared after each.
 *
 * A sequence is fixed by its platform, the campaign's seed and its own number, so it is the same on
 * any machine and whatever worker runs it. Invariant: the twin's answer is asked for before the
 * host's state is looked at. Trade-off: the commands are chosen by looking at the host, as a user
 * would; a wrong host can therefore steer, but not hide.
 */

import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Command } from '../../../core/host/command.js';
import type { Decision } from '../../../core/host/decision.js';
import type { Host } from '../../../core/host/host.js';
import { theRecord } from '../../../core/host/records.js';
import { runInPlace } from '../../../core/host/step.js';
import { encodeCommand } from '../../../core/journal/codec.js';
import { PARENT } from '../../../core/memory/node-memory.js';
import { nitroHost, qingtianHost, type SmallHost, vmHost } from '../hosts.js';
import type { Intent, Weights } from '../intents.js';
import { NITRO_WEIGHTS, nitroCommand, WILD_WEIGHTS } from '../nitro-commands.js';
import { QINGTIAN_WEIGHTS, qingtianCommand } from '../qingtian-commands.js';
import { VM_WEIGHTS, vmCommand } from '../vm-commands.js';
import { enclaveHolder } from './frame-board.js';
import {
  framesOfEnclave,
  machineDifference,
  nitroDifference,
  qingtianDifference,
  resultDifference,
} from './judge.js';
import type { NaiveShape, Verdict } from './naive-machine.js';
import { NitroTwin } from './nitro-twin.js';
import { QingtianTwin } from './qingtian-twin.js';
import { vmDifference, vmPlaces } from './vm-judge.js';
import { VmTwin } from './vm-twin.js';

export type OraclePlatform = 'qingtian' | 'nitro' | 'nitro-wild' | 'vm';
export const ORACLE_PLATFORMS: readonly OraclePlatform[] = [
  'qingtian',
  'nitro',
  'nitro-wild',
  'vm',
];

/** A host with its twin, and how they are compared. */
export interface Pair {
  readonly host: Host;
  readonly command: (intent: { choice: string; draws: Intent<string>['draws'] }) => Command;
  readonly wheel: readonly string[];
  readonly ask: (command: Command) => Verdict;
  /** What differs after a command that both have taken. */
  readonly difference: (
    command: Command,
    decision: Decision,
    verdict: Verdict,
  ) => string | undefined;
}

/** What a sequence did; sums of these are the work counters of a campaign. */
export interface Work {
  operations: number;
  accepted: number;
  /** Result → how often the twin and the host gave it. */
  readonly results: Map<string, number>;
  /** Exclusive or of the sequences' digests: the same whatever the order. */
  digest: number;
}

export function newWork(): Work {
  return { operations: 0, accepted: 0, results: new Map(), digest: 0 };
}

export class Disagreement extends Error {
  readonly commands: readonly Command[];
  constructor(message: string, commands: readonly Command[]) {
    super(message);
    this.commands = commands;
  }
}

/** Longest sequence: long enough for pools to fill and parents to restart. */
export const SEQUENCE_LENGTH = 400;

const NITRO_PAGES = [2048, 65_536];
const SHAPES: readonly SmallHost[] = [
  { memoryMibPerNode: 768, footprintMibPerNode: 30 },
  { memoryMibPerNode: 640, coresPerNode: 3, nodes: 2 },
  { memoryMibPerNode: 1280, coresPerNode: 5, nodes: 1 },
  { memoryMibPerNode: 704, coresPerNode: 6, threadsPerCore: 1 },
];
/** Up for some days: its 1 GiB places are spoilt until it is booted again. */
const AGED_SHAPES: readonly SmallHost[] = [
  { memoryMibPerNode: 768, uptimeDays: 40 },
  { memoryMibPerNode: 2560, uptimeDays: 5 },
];
/** With a 1 GiB page: memory for two, but the parent's footprint is in the way of one. */
const LARGE: SmallHost = { memoryMibPerNode: 2560, footprintMibPerNode: 2 };

/** Runs sequence `number` and adds to `work`; throws a Disagreement with what replays it. */
export function judgeSequence(
  platform: OraclePlatform,
  seed: number,
  number: number,
  work: Work,
  pairFor: (platform: OraclePlatform, number: number) => Pair = pair,
): void {
  const rng = xoroshiro128plus(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number, 40503));
  // Nearby seeds start alike: let them part.
  for (let i = 0; i < 8; i++) rng.next();
  let two = pairFor(platform, number);
  const commands: Command[] = [];
  let afterEnd = 0;
  let digest = number | 0;
  for (let i = 0; i < SEQUENCE_LENGTH; i++) {
    const choice = two.wheel[uniformInt(rng, 0, two.wheel.length - 1)];
    const a = rng.next();
    const b = rng.next();
    const draws = [a & 0xffff, (a >>> 16) & 0xffff, b & 0xffff, (b >>> 16) & 0xffff] as const;
    const { decision, wrong } = takeBoth(two, { choice, draws }, commands);
    if (decision === undefined) throw disagreement(platform, seed, number, commands, wrong);
    if (decision.refusal === undefined) work.accepted++;
    const result = `${commands[commands.length - 1].kind} ${decision.refusal?.rule ?? 'ok'}`;
    work.results.set(result, (work.results.get(result) ?? 0) + 1);
    for (let c = 0; c < result.length; c++) {
      digest = Math.imul(digest ^ result.charCodeAt(c), 0x01000193);
    }
    // A terminated parent refuses everything for good: a new one after a few tries.
    afterEnd = two.host.tree.parent === 'terminated' ? afterEnd + 1 : 0;
    if (afterEnd > 4) two = pairFor(platform, number);
  }
  work.operations += commands.length;
  work.digest ^= digest;
}

/** Both take the next command, which is noted before; without a decision, what was wrong then. */
function takeBoth(
  { command: commandOf, ask, host, difference }: Pair,
  intent: Parameters<Pair['command']>[0],
  commands: Command[],
): { readonly decision: Decision | undefined; readonly wrong: string } {
  let asked = 'the choice of the next command';
  try {
    const command = commandOf(intent);
    commands.push(command);
    asked = 'the twin';
    const verdict = ask(command);
    asked = 'the host';
    const decision = runInPlace(host, command);
    asked = 'the comparison';
    const wrong = difference(command, decision, verdict);
    return wrong === undefined ? { decision, wrong: '' } : { decision: undefined, wrong };
  } catch (error) {
    // Whoever throws: without command and replay line nobody would find it again.
    const why = error instanceof Error ? error.message : String(error);
    return { decision: undefined, wrong: `${asked} throws: ${why}` };
  }
}

function disagreement(
  platform: OraclePlatform,
  seed: number,
  number: number,
  commands: readonly Command[],
  wrong: string,
): Disagreement {
  const last = commands.at(-1);
  const replay = `npm run campaign -- --platform ${platform} --seed ${seed} --sequence ${number}`;
  const told = last === undefined ? 'none' : encodeCommand(last);
  const where = `command ${commands.length} of sequence ${number}: ${told}`;
  return new Disagreement(`${wrong}\n  after ${where}\n  replay: ${replay}`, commands);
}

/** The host and twin of a sequence; its number decides their shape. */
export function pair(platform: OraclePlatform, number: number): Pair {
  return pairOf(platform, number % 16 === 0 ? LARGE : SHAPES[number % SHAPES.length]);
}

/** A host that has been up for days, and its twin. */
export function agedPair(platform: OraclePlatform, number: number): Pair {
  return pairOf(platform, AGED_SHAPES[number % AGED_SHAPES.length]);
}

function pairOf(platform: OraclePlatform, shape: SmallHost): Pair {
  if (platform === 'vm') return vmPair(shape);
  return platform === 'qingtian' ? qingtianPair(shape) : nitroPair(shape, platform);
}

function qingtianPair(shape: SmallHost): Pair {
  const host = qingtianHost(shape);
  const twin = new QingtianTwin(naive(shape, [1, 512], host));
  return {
    host,
    wheel: wheelOf(QINGTIAN_WEIGHTS),
    command: (intent) => qingtianCommand(host, intent as Parameters<typeof qingtianCommand>[1]),
    ask: (command) => twin.take(command),
    difference: (command, decision, verdict) =>
      resultDifference(decision, verdict) ??
      (verdict.result === 'ok' ? adoption(host, twin, uidMapped(command, decision)) : undefined) ??
      machineDifference(host, twin) ??
      qingtianDifference(host, twin),
  };
}

/** The enclave that a command had found pages for; undefined = none. */
function uidMapped(command: Command, { facts }: Decision): number | undefined {
  if (command.kind === 'qingtian.map') return command.uid;
  return command.kind === 'qingtian.launch' ? facts.uid : undefined;
}

function adoption(host: Host, twin: QingtianTwin, uid: number | undefined): string | undefined {
  if (uid === undefined) return undefined;
  const { node } = theRecord(host.tree, uid);
  return twin.adopt(uid, framesOfEnclave(host, node, enclaveHolder(uid)));
}

function nitroPair(shape: SmallHost, platform: OraclePlatform): Pair {
  const host = nitroHost({ ...shape, pageSizesKib: NITRO_PAGES });
  const twin = new NitroTwin(naive(shape, [1, 32], host));
  return {
    host,
    wheel: wheelOf(platform === 'nitro' ? NITRO_WEIGHTS : WILD_WEIGHTS),
    command: (intent) => nitroCommand(host, intent as Parameters<typeof nitroCommand>[1]),
    ask: (command) => twin.take(command),
    difference: (_command, decision, verdict) =>
      resultDifference(decision, verdict) ??
      machineDifference(host, twin) ??
      nitroDifference(host, twin),
  };
}

function vmPair(shape: SmallHost): Pair {
  const host = vmHost(shape);
  const twin = new VmTwin(naive(shape, [], host));
  return {
    host,
    wheel: wheelOf(VM_WEIGHTS),
    command: (intent) => vmCommand(host, intent as Parameters<typeof vmCommand>[1]),
    ask: (command) => twin.take(command),
    difference: (command, decision, verdict) =>
      resultDifference(decision, verdict) ??
      (command.kind === 'vm.launch' && decision.facts.uid !== undefined
        ? vmPlaces(host, twin, decision.facts.uid)
        : undefined) ??
      vmDifference(host, twin),
  };
}

function naive(shape: SmallHost, pageFrames: readonly number[], host: Host): NaiveShape {
  const { nodes = 2, coresPerNode = 4, threadsPerCore = 2, memoryMibPerNode = 2048 } = shape;
  const framesPerNode = memoryMibPerNode / 2;
  const keptFrames = (shape.footprintMibPerNode ?? 0) / 2;
  const naive = { nodes, coresPerNode, threadsPerCore, framesPerNode, keptFrames, pageFrames };
  return shape.uptimeDays === undefined ? naive : { ...naive, agedFrames: parentFrames(host) };
}

/** Per node, the frames that the parent itself has. */
function parentFrames({ memory }: Host): number[][] {
  return memory.map(({ base }) => {
    const frames: number[] = [];
    for (let f = 0; f < base.frames; f++) if (base.covering(f).owner === PARENT) frames.push(f);
    return frames;
  });
}

function wheelOf<Choice extends string>(weights: Weights<Choice>): string[] {
  return (Object.keys(weights) as Choice[]).flatMap((choice) =>
    Array<string>(weights[choice]).fill(choice),
  );
}
