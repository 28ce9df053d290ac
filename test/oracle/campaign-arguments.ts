/**
 * What the long campaign is asked for on its command line.
 *
 * Invariant: no option is passed over, none is taken for another than was typed, and what is asked for
 * judges one command at least: a campaign that did nothing would end as green as one that found nothing.
 */
import { parseArgs } from 'node:util';
import { argumentProblem } from '../../bench/arguments.js';
import { ORACLE_PLATFORMS, type OraclePlatform } from '../kit/oracle/sequence.js';
import { DEFAULT_SEED, seedOf } from '../seed.js';

export interface Asked {
  readonly operations: number;
  readonly seed: number;
  readonly workers: number;
  readonly platforms: readonly OraclePlatform[];
  /** Only the sequence of this number. */
  readonly sequence?: number;
}

const TEXT = { type: 'string' } as const;
const OPTIONS = { ops: TEXT, seed: TEXT, workers: TEXT, platform: TEXT, sequence: TEXT };
const HELP = { help: { type: 'boolean', short: 'h' } } as const;

export const USAGE =
  'usage: npm run campaign -- [--ops N] [--workers K] [--seed S] [--platform P,Q]; --sequence I in place of the first two';

type Given = Readonly<Partial<Record<keyof typeof OPTIONS, string>>>;

/** The least of each count. */
const COUNTS = { ops: 1, workers: 1, sequence: 0 } as const satisfies Partial<
  Record<keyof typeof OPTIONS, number>
>;

/** Whether what is typed asks for the usage: then nothing else of it counts. */
export function asksForHelp(argv: readonly string[]): boolean {
  return parseArgs({ args: [...argv], options: HELP, strict: false }).values.help === true;
}

/** What is asked for, or what is wrong with it. */
export function readArguments(argv: readonly string[]): Asked | string {
  const given = readOptions(argv);
  if (typeof given === 'string') return given;
  const { ops = '1000000', seed = String(DEFAULT_SEED), workers = '1', sequence } = given;
  const named = given.platform?.split(',') ?? ORACLE_PLATFORMS;
  const platforms = ORACLE_PLATFORMS.filter((platform) => named.includes(platform));
  if (platforms.length !== named.length) {
    return `--platform ${given.platform}: there are ${ORACLE_PLATFORMS.join(', ')}, each once`;
  }
  const drawn = seedOf(seed);
  if (drawn === undefined) return `--seed must be a 32-bit integer, got "${seed}"`;
  return {
    operations: Number(ops),
    seed: drawn,
    workers: Number(workers),
    platforms,
    ...(sequence === undefined ? {} : { sequence: Number(sequence) }),
  };
}

function readOptions(argv: readonly string[]): Given | string {
  let read: ReturnType<typeof tokensOf>;
  try {
    read = tokensOf(argv);
  } catch (error) {
    return argumentProblem(error);
  }
  const names = read.tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return `--${twice} is given twice`;
  const given: Given = read.values;
  for (const [name, least] of Object.entries(COUNTS)) {
    const value = given[name as keyof typeof COUNTS];
    if (value === undefined || (/^\d{1,12}$/.test(value) && Number(value) >= least)) continue;
    return `--${name} needs a whole number from ${least}, got "${value}"`;
  }
  const beside = (['ops', 'workers'] as const).find((name) => given[name] !== undefined);
  return given.sequence === undefined || beside === undefined
    ? given
    : `--${beside} says nothing beside --sequence`;
}

function tokensOf(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, tokens: true });
}
