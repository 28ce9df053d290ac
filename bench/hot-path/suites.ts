/**
 * The suites of the hot path: what is measured in turns, since it is compared.
 *
 * Invariant: a suite is loaded on demand, so that a process knows only the suite of its body; names are
 * told apart over all suites. Trade-off: the process that asks loads all of them for their names.
 */
import type { Body } from './measure.js';

type LoadSuite = () => Promise<readonly Body[]>;

export const SUITES = {
  launch: async () => (await import('./launches.js')).launchBodies(),
  lifecycle: async () => (await import('./lifecycle.js')).lifecycleBodies(),
  queries: async () => (await import('./queries.js')).queryBodies(),
  'worst queries': async () => (await import('./worst-queries.js')).worstQueryBodies(),
  copies: async () => (await import('./copies.js')).copyBodies(),
  pages: async () => (await import('./pages.js')).pageBodies(),
} as const satisfies Readonly<Record<string, LoadSuite>>;

export type SuiteName = keyof typeof SUITES;

export const SUITE_NAMES = Object.keys(SUITES) as readonly SuiteName[];
