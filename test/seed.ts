/**
 * The one seed of every property test, and how many cases each property tries.
 *
 * The invariant is: a property test never runs on a seed that nobody can type again. Locally an
 * unset seed means the fixed default; where CI is set it is an error, so that a job that lost its
 * seed fails instead of quietly testing something unknown (`npm test` always passes one on).
 * Trade-off: fixed seeds find less on each run; `npm run test:random` draws a fresh, printed one.
 */

/** Environment variables, as `process.env` has them. */
type Environment = Readonly<Record<string, string | undefined>>;

export const DEFAULT_SEED = 20221031;

/** The seed as a signed 32-bit integer. Throws Error when it is malformed, or missing under CI. */
export function seedFrom(environment: Environment): number {
  const text = environment.HYPERCARVE_SEED ?? '';
  if (text === '') {
    if (isOn(environment.CI)) {
      throw new Error('CI is set but HYPERCARVE_SEED is not: run `npm test`, or pass a seed');
    }
    return DEFAULT_SEED;
  }
  const seed = seedOf(text);
  if (seed === undefined) {
    throw new Error(`HYPERCARVE_SEED must be a 32-bit integer, got "${text}"`);
  }
  return seed;
}

/** The signed 32-bit integer that was typed; undefined = it is none. */
export function seedOf(text: string): number | undefined {
  const seed = Number(text);
  return /^-?\d+$/.test(text) && seed === (seed | 0) ? seed : undefined;
}

/** The factor on every property's number of cases, above 0. Throws Error when it is malformed. */
export function runsFactorFrom(environment: Environment): number {
  const text = environment.HYPERCARVE_RUNS ?? '';
  const factor = text === '' ? 1 : Number(text);
  if (!Number.isFinite(factor) || factor <= 0) {
    throw new Error(`HYPERCARVE_RUNS must be a number above 0, got "${text}"`);
  }
  return factor;
}

/**
 * How many cases a property that asks for `base` of them tries: `base` times HYPERCARVE_RUNS, at
 * least one. For `fc.assert(…, { numRuns: scaledRuns(300) })`.
 */
export function scaledRuns(base: number, environment: Environment = process.env): number {
  return Math.max(1, Math.round(base * runsFactorFrom(environment)));
}

function isOn(flag: string | undefined): boolean {
  return flag !== undefined && flag !== '' && flag !== '0' && flag !== 'false';
}
