/**
 * A policy that somebody else wrote, held at arm's length.
 *
 * It is shown copies, made for each question, and of its answer only numbers are taken, each read
 * once. Invariant: nothing that is handed out is read back, and nothing in it reaches a host; an
 * answer that is no proposal, or names a parent or a node that is not there, or a node twice, is a
 * `PolicyFault` that says what came instead.
 * Trade-off: a copy of the counts for each question. The policy runs in this very program: one that
 * never returns, or that changes the language's own objects, is beyond any guard of this kind.
 */
import type {
  FleetAsk,
  FleetPolicy,
  FleetProposal,
  FleetView,
  NarrowedView,
} from './fleet-view.js';

/** The policy's own fault, in words. */
export class PolicyFault extends Error {
  override readonly name = 'PolicyFault';
}

/** No parent has more nodes; what is longer is no list of nodes. */
const MOST_NODES = 1024;
const MOST_TEXT = 200;

/** `asked` names the ask that the policy is working on, for its faults. */
export function guardedPolicy(policy: FleetPolicy, asked: () => string): FleetPolicy {
  const { name } = policy;
  return {
    name,
    propose(view, ask) {
      let answer: FleetProposal | string | undefined;
      try {
        answer = readAnswer(policy.propose(copyOfView(view), copyOfAsk(ask)), view);
      } catch (thrown) {
        throw new PolicyFault(threwText(name, thrown, asked()));
      }
      if (typeof answer !== 'string') return answer;
      throw new PolicyFault(returnedText(name, answer, asked()));
    },
  };
}

/** `asked`: the ask that the policy was working on. */
export function threwText(name: string, thrown: unknown, asked: string): string {
  return `propose of "${name}" threw "${textOf(thrown)}" for ${asked}`;
}

export function returnedText(name: string, answer: string, asked: string): string {
  return `propose of "${name}" returned ${answer} for ${asked}`;
}

/** What came in place of an object, in words; undefined = it is one. Nowhere is for the caller to tell. */
export function noObject(answer: unknown): string | undefined {
  if (answer === null) return 'null, where nowhere is `undefined`';
  if (typeof answer !== 'object') return `a ${typeof answer}`;
  if (!(answer instanceof Promise)) return undefined;
  // What becomes of it is nobody's business any more.
  answer.then(undefined, () => {});
  return 'a promise; a policy answers at once';
}

function copyOfView(view: NarrowedView): FleetView {
  const places = view.freeMib.length;
  return {
    hosts: view.hosts,
    firstNode: view.firstNode.slice(),
    freeThreads: view.freeThreads.slice(),
    poolThreads: view.poolThreads.slice(),
    freeMib: view.freeMib.slice(),
    pageKib: view.pageKib.slice(),
    closed: closedOf(view),
    running: view.running.slice(),
    lastEnd: view.lastEnd.slice(),
    wholeGib: (place) => (isPosition(place, places) ? view.wholeGib(place) : 0),
  };
}

function closedOf({ closed, only }: NarrowedView): Uint8Array {
  if (only === undefined) return closed.slice();
  const narrowed = new Uint8Array(closed.length).fill(1);
  narrowed[only] = closed[only];
  return narrowed;
}

function copyOfAsk({ vcpus, memoryMib, nodes, blind, end }: FleetAsk): FleetAsk {
  return { vcpus, memoryMib, nodes, blind, end };
}

function isPosition(place: unknown, places: number): boolean {
  return Number.isInteger(place) && (place as number) >= 0 && (place as number) < places;
}

/** A proposal of what is there, undefined for nowhere, or in words what came instead. */
function readAnswer(answer: unknown, view: FleetView): FleetProposal | string | undefined {
  if (answer === undefined) return undefined;
  const none = noObject(answer);
  if (none !== undefined) return none;
  const { host, nodes } = answer as Partial<FleetProposal>;
  if (typeof host !== 'number') return 'an object without a number as its `host`';
  if (!isPosition(host, view.hosts)) {
    return `\`host: ${host}\` (the fleet has parents 0 to ${view.hosts - 1})`;
  }
  if (nodes === undefined) return { host };
  const positions = Array.isArray(nodes) ? numbersOf(nodes) : undefined;
  if (positions === undefined) return '`nodes` that are no list of numbers';
  if (positions.length === 0) return '`nodes` that name no node; left out, any will do';
  const there = view.firstNode[host + 1] - view.firstNode[host];
  const stray = positions.find((position) => !isPosition(position, there));
  if (stray !== undefined) {
    return `${stray} among the \`nodes\` of parent ${host} (it has 0 to ${there - 1})`;
  }
  const twice = positions.find((position, i) => positions.indexOf(position) < i);
  return twice === undefined
    ? { host, nodes: positions }
    : `${twice} twice among the \`nodes\` of parent ${host}`;
}

/** A copy; undefined where something in it is no number, or there is far too much of it. */
function numbersOf(list: readonly unknown[]): number[] | undefined {
  const { length } = list;
  if (!isPosition(length, MOST_NODES + 1)) return undefined;
  const numbers: number[] = [];
  for (let i = 0; i < length; i++) {
    const one = list[i];
    if (typeof one !== 'number') return undefined;
    numbers.push(one);
  }
  return numbers;
}

/** What was thrown, in words, whatever it is. */
export function textOf(thrown: unknown, most = MOST_TEXT): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown).slice(0, most);
  } catch {
    return 'something that is no text';
  }
}
