/** The process of one suite: measures it and sends the figures. Arguments: suite, milliseconds. */
import { measure } from './measure.js';
import { SUITES } from './suites.js';

const [, , name = '', timeMs = '500'] = process.argv;
const bodies = SUITES[name];
if (bodies === undefined) throw new Error(`no suite "${name}"`);
process.send?.(await measure(bodies(), Number(timeMs)));
