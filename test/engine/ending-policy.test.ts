/**
 * Policies that end the process they run in, at once or in other ways than its own guard can hold: a fleet
 * and a sweep, in this process and on threads, name that and write nothing.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hypercarve } from '../scenarios/cli/built-cli.js';
import { SMALL_SWEEP, temporaryFolder } from '../sweep/small-sweep.js';
import { FLEET_OF_MINE } from './fleet-of-mine.js';

const FOLDER = temporaryFolder();
afterAll(() => rmSync(FOLDER, { recursive: true }));

const ANSWERS = "export default { name: 'mine', propose: () => ({ host: 0 }) };";
/** What the module is, and what of it is told. */
const ENDINGS: Readonly<Record<string, readonly [string, RegExp]>> = {
  'when it is asked': [
    "export default { name: 'mine', propose: () => process.exit(0) };",
    /propose of "mine" threw "it called process.exit/,
  ],
  'when its answer is read': [
    "export default { name: 'mine', propose: () => ({ get host() { process.exit(0); } }) };",
    /process ended in the middle of its work|thread ended in the middle of its task/,
  ],
  'from a timer': [
    `setTimeout(() => process.exit(0), 1); await new Promise((end) => setTimeout(end, 500)); ${ANSWERS}`,
    /it called process.exit, and a policy ends nothing/,
  ],
  'by waiting for what never comes': [
    `await new Promise(() => {}); ${ANSWERS}`,
    /process ended in the middle of its work/,
  ],
};

beforeAll(() => {
  writeFileSync(join(FOLDER, 'fleet.yaml'), FLEET_OF_MINE);
  const sweep = SMALL_SWEEP.replace('worst-fit, keep-1g', '{module: mine.mjs}');
  writeFileSync(join(FOLDER, 'sweep.yaml'), sweep);
});

// Found bug: a fleet ended with 0 and no word, a sweep on threads never did.
describe.each(Object.entries(ENDINGS))(
  'a policy that ends the process %s',
  (_how, [text, told]) => {
    it.each([
      ['a fleet', ['fleet', 'fleet.yaml', '--json']],
      ['a sweep', ['sweep', 'sweep.yaml', '--workers', '1', '--out', 'runs']],
      ['a sweep on threads', ['sweep', 'sweep.yaml', '--workers', '2', '--out', 'runs']],
    ])('%s: named, exit 2, nothing is written', (_name, args) => {
      writeFileSync(join(FOLDER, 'mine.mjs'), text);
      const { code, stdout, stderr } = hypercarve(args, { cwd: FOLDER });
      expect([code, stdout], stderr).toEqual([2, '']);
      expect(stderr).toMatch(told);
      expect(stderr).not.toContain('internal error');
      const blocks = join(FOLDER, 'runs', 'blocks');
      // Blocks of other variants, if there are any, are whole and kept.
      const isKept = existsSync(blocks) && readdirSync(blocks).length > 0;
      expect(existsSync(join(FOLDER, 'runs'))).toBe(isKept);
      rmSync(join(FOLDER, 'runs'), { recursive: true, force: true });
    });
  },
);
