/**
 * The process of one racer: loads nothing but it, then obeys orders.
 *
 * Invariant: one racer per process, so that its code is compiled for it alone. Trade-off: the process
 * stays between rounds, so that each is measured warm and rounds of all racers can alternate.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Answer, Order } from './racer-messages.js';
import { isRacerName, racerEntry } from './racers/racers.js';
import { placesOf, replayNs, singleNs } from './replay.js';
import { spreadOf } from './statistics.js';
import { decodeTrace, prefixOf, type Trace } from './trace-file.js';

const name = process.argv[2] ?? '';
if (!isRacerName(name)) throw new Error(`no racer "${name}"`);
const open = await racerEntry(name).load(process.argv[3]);
let trace: Trace | undefined;

process.on('message', (order) => {
  // Only the parent, which sends nothing else, is at the other end.
  process.send?.(answerTo(order as Order));
});
process.send?.({ kind: 'ready' } satisfies Answer);

function answerTo(order: Order): Answer {
  if (order.kind === 'load') {
    const decoded = decodeTrace(readFileSync(order.file));
    if ('problem' in decoded) throw new Error(decoded.problem);
    trace = decoded.trace;
    return { kind: 'ready' };
  }
  if (trace === undefined) throw new Error('no trace is loaded');
  const part = prefixOf(trace, order.operations);
  switch (order.kind) {
    case 'replay':
      return { kind: 'replay', ns: replayNs(part, open, order.from) };
    case 'places': {
      const { places, bytes, bytesPerExtent } = placesOf(part, open);
      writeFileSync(order.file, places);
      return { kind: 'places', bytes, bytesPerExtent };
    }
    case 'singles':
      return { kind: 'singles', ns: spreadOf(singleNs(part, open)) };
  }
}
