/**
 * The process of one body: builds it, then obeys orders. Arguments: suite, name of the body.
 *
 * Invariant: one body per process, so that its code is compiled for it alone. Trade-off: the process
 * stays between rounds, so that each is measured warm and rounds of all bodies can alternate.
 */
import { Meter } from './measure.js';
import { SUITES, type SuiteName } from './suites.js';

/** What a process of a body is asked; it answers `ready`, and to the last the figures. */
export type BodyOrder =
  | { readonly kind: 'warm-up' | 'round'; readonly timeMs: number }
  | { readonly kind: 'figures' };

const [, , suite = '', name = ''] = process.argv;
if (!Object.hasOwn(SUITES, suite)) throw new Error(`no suite "${suite}"`);
const bodies = await SUITES[suite as SuiteName]();
const body = bodies.find((one) => one.name === name);
if (body === undefined) throw new Error(`no body "${name}" in suite "${suite}"`);
const meter = new Meter(body.prepare());

process.on('message', (order) => {
  // Only the parent, which sends nothing else, is at the other end.
  void obey(order as BodyOrder);
});
process.send?.('ready');

async function obey(order: BodyOrder): Promise<void> {
  if (order.kind === 'figures') {
    process.send?.(meter.figures());
    return;
  }
  if (order.kind === 'warm-up') await meter.warmUp(order.timeMs);
  else await meter.round(order.timeMs);
  process.send?.('ready');
}
