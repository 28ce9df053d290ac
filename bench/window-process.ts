/**
 * `window-process.ts RACER FILE FROM END [PROGRAM]`: replays a trace under one racer with marks around a window,
 * for `native/steps`. Invariant: nothing but the replay between the marks. Trade-off: a process for one
 * window; it is stepped instruction by instruction and would not answer orders meanwhile.
 */
import { readFileSync } from 'node:fs';
import { isRacerName, racerEntry } from './racers/racers.js';
import { markWindow } from './replay.js';
import { decodeTrace } from './trace-file.js';

const [name = '', file = '', from, end, program] = process.argv.slice(2);
if (!isRacerName(name)) throw new Error(`no racer "${name}"`);
const decoded = decodeTrace(readFileSync(file));
if ('problem' in decoded) throw new Error(decoded.problem);
markWindow(decoded.trace, await racerEntry(name).load(program), Number(from), Number(end));
