/**
 * `profile-process SUBJECT REPEATS`: prepares a subject, then runs it between the marks that
 * `native/steps` waits for. Invariant: nothing else runs between them. Trade-off: a process for one
 * window, since stepping takes it away from everything else.
 */
import { beginWindow, endWindow } from './marks.js';
import { PROFILE_SUBJECTS } from './profile-subjects.js';

const [name, repeats] = process.argv.slice(2);
const subject = PROFILE_SUBJECTS.find((one) => one.name === name);
if (subject === undefined) throw new Error(`no subject "${name}"`);
const run = await subject.prepare(Number(repeats));
beginWindow();
run();
endWindow();
