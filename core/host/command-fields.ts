/**
 * The fields of each kind of command, and what is wrong with a value that claims to be one.
 *
 * A command that comes from text (a journal, a scenario's `command`) is checked here before any rule
 * sees it. Invariant: a value without problems has exactly the fields of its kind, each of its type;
 * whether the host knows the slot, CPU or node it names is the rules' business. The type of the
 * table makes a kind or a field that is added to command.ts without a line here an error.
 */

import {
  type Check,
  type FieldChecks,
  type FieldProblem,
  flag,
  isMapping,
  listOf,
  mapping,
  oneOf,
  optional,
  problemsIn,
  problemText,
  should,
  shouldCount,
  text,
  whole,
} from '../units/field-checks.js';
import { nearestWord, wordsBeside } from '../units/nearest-word.js';
import type { AnswerKind, Command, CommandKind, CommandOf } from './command.js';

export type CommandProblem = FieldProblem;

type Checks = Readonly<Record<string, Check>>;

/** Answer kinds, in the order of command.ts. */
const ANSWER_KINDS: Readonly<Record<AnswerKind, true>> = {
  SLOT_ALLOC: true,
  SLOT_ADD_VCPU: true,
  SLOT_ADD_MEM: true,
  ENCLAVE_START: true,
  ENCLAVE_STOP: true,
  SLOT_FREE: true,
  SLOT_INFO: true,
  CPU_OFFLINE: true,
  CPU_ONLINE: true,
  GUP: true,
  FD: true,
  ANON_INODE: true,
};

const U64_END = 2n ** 64n;
/** No longer than the longest one: a text of a million digits costs seconds to read. */
const WRITTEN_BIG = /^\d{1,20}n$/;

/** -1 = the kernel's "no node". */
const nodeOrNone = shouldCount(
  'a node id, or -1 for none',
  (value) => value === -1 || (Number.isSafeInteger(value) && Number(value) >= 0),
);
/** As Linux numbers processes (PID_MAX_LIMIT of a 64-bit kernel); a store keeps it in an owner. */
const task = shouldCount(
  'a process id from 0 to 4194304',
  (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= 2 ** 22,
);
const u64 = should(
  'an unsigned 64-bit number, written as digits and an n ("5n")',
  (value) => typeof value === 'bigint' && value >= 0n && value < U64_END,
);

const errno = shouldCount(
  'a positive error number',
  (value) => Number.isSafeInteger(value) && Number(value) > 0,
);
const ANSWER = mapping({ nth: whole, errno });
const answers = optional(
  mapping(Object.fromEntries(Object.keys(ANSWER_KINDS).map((kind) => [kind, optional(ANSWER)]))),
);
const fault = optional(oneOf('in', 'out'));
const run = should(
  'two whole numbers',
  (value) =>
    Array.isArray(value) && value.length === 2 && value.every((one) => whole(one).length === 0),
);
const runs = listOf(run, 'a list of [first address, pages]');

const image = mapping({
  bytes: whole,
  sections: listOf(oneOf('kernel', 'cmdline', 'ramdisk', 'init'), 'a list of section names'),
  os: oneOf('linux', 'other'),
  kind: oneOf('eif', 'container'),
});
const request = mapping({
  image,
  vcpus: whole,
  memoryMib: whole,
  cid: whole,
  debug: flag,
  defaulted: listOf(text, 'a list of option names'),
});
const conf = mapping({
  hugepageSizeMib: optional(whole),
  memoryMib: optional(whole),
  cpuCount: optional(whole),
  cpuList: optional(listOf(whole, 'a list of CPU ids')),
});

const onEnclave = { uid: whole, accepted: optional(flag) };
const onSlot = { slot: whole, answers };
const called = { fault, answers };

const FIELDS: { readonly [K in CommandKind]: FieldChecks<CommandOf<K>, 'kind'> } = {
  'parent.boot': {},
  'parent.stop': {},
  'parent.terminate': {},
  'parent.crash': {},
  'parent.set-online': { cpu: whole, online: flag },
  'nitro.write-pool': { text, capable: optional(flag), answers },
  'nitro.write-hugepages': { node: whole, pageKib: whole, text },
  'nitro.create-vm': { task, ...called },
  'nitro.add-vcpu': { slot: whole, task, cpu: whole, ...called },
  'nitro.image-load-info': { slot: whole, flags: u64, fault },
  'nitro.set-memory': {
    slot: whole,
    task,
    flags: u64,
    address: u64,
    bytes: u64,
    ...called,
  },
  'nitro.start': { slot: whole, cid: u64, flags: u64, ...called },
  'nitro.close': onSlot,
  'nitro.exit-event': { ...onSlot, state: whole },
  'nitro.poll': { slot: whole },
  'nitro.hotplug': { cpu: whole, online: flag },
  'nitro.unbind': {},
  'nitro.bind': {},
  'nitro.map-foreign': {
    task,
    address: whole,
    pageBytes: whole,
    huge: flag,
    node: nodeOrNone,
    runs,
  },
  'nitro.map-page': { task, pageKib: whole },
  'nitro.touch': { address: whole, localNode: nodeOrNone },
  'nitro.unmap': { address: whole },
  'qingtian.reserve': { conf },
  'qingtian.unreserve': {},
  'qingtian.define': { request, capacity: optional(flag), accepted: optional(flag) },
  'qingtian.launch': { request },
  'qingtian.map': onEnclave,
  'qingtian.add-memory': onEnclave,
  'qingtian.load-image': onEnclave,
  'qingtian.add-cpu': onEnclave,
  'qingtian.start': onEnclave,
  'qingtian.heartbeat': onEnclave,
  'qingtian.stop': onEnclave,
  'qingtian.crash': onEnclave,
  'qingtian.console-open': onEnclave,
  'qingtian.console-read': onEnclave,
  'qingtian.console-close': onEnclave,
  'vm.launch': {
    vcpus: whole,
    memoryMib: whole,
    nodes: whole,
    on: optional(listOf(whole, 'a list of node ids')),
    blind: optional(flag),
  },
  'vm.terminate': { uid: whole },
  'vm.crash': { uid: whole },
};

/** Every kind of command there is. */
export const COMMAND_KINDS = Object.keys(FIELDS) as readonly CommandKind[];

/**
 * The command that plain data says, or everything that keeps it from being one.
 * @param value as JSON or YAML gives it: an unsigned 64-bit number is a text such as "5n", or a number
 */
export function readCommand(
  value: unknown,
): { readonly command: Command } | { readonly problems: readonly CommandProblem[] } {
  if (!isMapping(value)) return wrong([], 'a command is a mapping with a kind');
  const { kind, ...fields } = value;
  // Not said in the message: a value nested deep enough cannot even be written.
  if (typeof kind !== 'string') return wrong(['kind'], 'should be a text');
  if (!isKind(kind)) return { problems: [noSuchKind(kind)] };
  const checks: Checks = FIELDS[kind];
  const read = Object.fromEntries(
    Object.entries(fields).map(([key, one]) => [key, checks[key] === u64 ? bigOf(one) : one]),
  );
  const problems = problemsIn(read, checks);
  // The table above says of each kind that these are its fields.
  return problems.length === 0 ? { command: { kind, ...read } as Command } : { problems };
}

/**
 * What keeps a command that a program made from being one, in words: fields that are missing, that
 * nobody reads, or of another type. Any number will do, since the rules refuse a wrong one with their
 * reason.
 */
export function misshapen(command: Command): string | undefined {
  const { kind, ...rest } = command;
  const fields: Readonly<Record<string, unknown>> = rest;
  const checks: Checks = FIELDS[kind];
  const problems = problemsIn(fields, checks).filter(({ path, stray }) => {
    const wanted = checks[path[0]] === u64 ? 'bigint' : 'number';
    return stray === true || typeof path.reduce<unknown>(valueAt, fields) !== wanted;
  });
  return problems.length === 0 ? undefined : `${kind}: ${problems.map(problemText).join('; ')}`;
}

function valueAt(value: unknown, key: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[key];
}

function bigOf(value: unknown): unknown {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'string' && WRITTEN_BIG.test(value) ? BigInt(value.slice(0, -1)) : value;
}

/** The kind that may be meant, or the kinds of its platform. */
function noSuchKind(kind: string): CommandProblem {
  const message = `there is no command ${JSON.stringify(kind)}`;
  const near = nearestWord(kind, COMMAND_KINDS);
  if (near !== undefined) return { path: ['kind'], message, suggestion: `did you mean ${near}?` };
  const beside = wordsBeside(kind, COMMAND_KINDS);
  const begin = 'they begin with parent., nitro., qingtian. or vm.';
  const suggestion = beside.length === 0 ? begin : `known: ${beside.join(', ')}`;
  return { path: ['kind'], message, suggestion };
}

/** The first word of a kind: the platform whose command it is, or `parent`, whose commands all have. */
export function platformOfKind(kind: string): string {
  return kind.slice(0, Math.max(0, kind.indexOf('.')));
}

export function isKind(kind: string): kind is CommandKind {
  return Object.hasOwn(FIELDS, kind);
}

function wrong(path: readonly string[], message: string): { problems: readonly CommandProblem[] } {
  return { problems: [{ path, message }] };
}
