/**
 * The CPU pool as nitro-cli reads it, and what it checks against it.
 *
 * The program has a reader of its own for the driver's parameter: decimal ids and a-b intervals
 * only, so pool texts the driver accepts ("all", strides, "N") stop it. It compares with the
 * configured pool, not with what is left; exhaustion is the driver's to refuse.
 * Invariant: an interval never lists more ids than the pool can have; larger bounds cannot occur,
 * since the driver stores only texts it accepted. Source: nitro RULES.md §5.2 steps 3 to 6
 * (cpu_info.rs).
 */
import { firstRefusal, PASS, type Rule, refuse } from '../../platform/rule.js';
import type { Refusal } from '../../refusal/refusal.js';
import type { CpuRequest } from './request.js';
import { cliRow } from './row.js';

const MOST_BOUNDS = 2;
const U32_LIMIT = 2 ** 32;

/** One interval of the pool text, in the order they are read. */
export const INTERVAL_RULES: readonly Rule<readonly string[]>[] = [
  cliRow({
    id: 'pool-interval',
    sentence: 'An interval of the pool text has one or two bounds.',
    source: '§5.2 step 3',
    code: 'E24',
    remedy: 'Write the pool as ids and a-b intervals.',
    check: (bounds) =>
      bounds.length <= MOST_BOUNDS
        ? PASS
        : refuse({ interval: bounds.join('-') }, `Invalid CPU ID interval (${bounds.join('-')})`),
  }),
  cliRow({
    id: 'pool-number',
    sentence: 'Every bound of the pool text is a plain number.',
    source: '§5.2 step 3',
    code: 'E23',
    remedy: 'Write the pool as ids and a-b intervals; strides, N and all are not understood.',
    check: (bounds) => {
      const wrong = bounds.find((bound) => numberOf(bound) === undefined);
      return wrong === undefined
        ? PASS
        : refuse({ text: wrong }, `Failed to parse CPU ID: ${wrong}`);
    },
  }),
];

type PoolRead = { readonly cpus: readonly number[] } | { readonly refusal: Refusal };

/**
 * The ids of a stored pool text, in its order. A text of blanks is an empty pool. The last reading is
 * kept: each start of a fleet reads the text of its parent, and most texts are the same.
 */
export function readPoolText(text: string): PoolRead {
  if (text !== last.text) last = { text, read: read(text) };
  return last.read;
}

let last: { readonly text: string; readonly read: PoolRead } = { text: '', read: { cpus: [] } };

function read(text: string): PoolRead {
  const cpus: number[] = [];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  for (const interval of lines.flatMap((line) => line.split(','))) {
    const bounds = interval.split('-');
    const refusal = firstRefusal(INTERVAL_RULES, bounds);
    if (refusal !== undefined) return { refusal };
    const [low, high = low] = bounds.map((bound) => numberOf(bound) ?? 0);
    for (let cpu = low; cpu <= high; cpu++) cpus.push(cpu);
  }
  return { cpus };
}

/** Blanks anywhere are dropped, one leading plus sign is taken. */
function numberOf(bound: string): number | undefined {
  const digits = /^\+?([0-9]+)$/.exec(bound.replace(/\s/gu, ''))?.[1];
  const value = Number(digits ?? Number.NaN);
  return value < U32_LIMIT ? value : undefined;
}

interface CpuContext {
  readonly asked: CpuRequest;
  /** Ids of the configured pool. */
  readonly pool: readonly number[];
}

export const CPU_RULES: readonly Rule<CpuContext>[] = [
  cliRow({
    id: 'cpu-ids-unique',
    sentence: 'No id is named twice.',
    source: '§5.2 step 4',
    code: 'E20',
    requirements: ['N11'],
    remedy: 'Name each CPU once.',
    check: ({ asked }) => {
      if (!('ids' in asked)) return PASS;
      const duplicates = asked.ids.length - new Set(asked.ids).size;
      return duplicates === 0
        ? PASS
        : refuse({ duplicates }, `CPU IDs list contains ${duplicates} duplicate(s)`);
    },
  }),
  cliRow({
    id: 'cpu-ids-in-pool',
    sentence: 'Every id is in the configured pool.',
    source: '§5.2 step 5',
    code: 'E21',
    requirements: ['N12'],
    remedy: 'Name CPUs of the pool, or write a larger pool.',
    check: ({ asked, pool }) => {
      if (!('ids' in asked)) return PASS;
      const outside = asked.ids.filter((cpu) => !pool.includes(cpu));
      if (outside.length === 0) return PASS;
      const cpu = Math.min(...outside);
      return refuse({ cpu }, `The CPU with ID ${cpu} is not available in the NE CPU pool`);
    },
  }),
  cliRow({
    id: 'cpu-count-in-pool',
    sentence: 'The count is at most the size of the configured pool.',
    source: '§5.2 step 6',
    code: 'E22',
    requirements: ['N12'],
    remedy: 'Ask for fewer CPUs, or write a larger pool.',
    check: ({ asked, pool }) => {
      if (!('count' in asked) || asked.count <= pool.length) return PASS;
      const numbers = { requested: asked.count, maximum: pool.length };
      return refuse(
        numbers,
        `Insufficient CPUs available (requested ${asked.count}, but maximum is ${pool.length})`,
      );
    },
  }),
];
