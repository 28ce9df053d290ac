/**
 * The bundle step: dist/cli, what is published as the command line, from what tsc left in dist/.
 *
 * Starting a process is most of what a short command costs, so three things are worked out here and
 * not at each start: the help text (scenarios/cli/baked.ts), the lifecycle tables
 * (core/lifecycle/surfaces.ts, which leaves out xstate), and which code the executable itself and
 * `run` need: each is bundled apart, into few files.
 * Beside them lies the hash of the code that computes a sweep's runs (scenarios/sweep/engine-build.ts).
 * Invariant: texts and tables are what the code in dist/ says in this very build;
 * test/scenarios/cli/start-up.test.ts compares.
 * Trade-off: what `run` shares with the other commands lies in dist/cli twice.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { lifecycle } from '../core/lifecycle/surfaces.js';
import type { BakedTexts } from '../scenarios/cli/baked.js';
import { BUILD_FILE } from '../scenarios/sweep/engine-build.js';
import { bakedTables } from './baked-tables.js';

const built = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const OUT = built('cli');

const texts: BakedTexts = { help: printed('--help'), version: printed('--version') };

/** Puts what was worked out in the place of the modules that would work it out. */
const baked: Plugin = {
  name: 'baked',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /scenarios[\\/]cli[\\/]baked\.js$/ }, () => ({
      contents: `export const BAKED = ${JSON.stringify(texts)};`,
    }));
    onLoad({ filter: /core[\\/]lifecycle[\\/]surfaces\.js$/ }, () => ({
      contents: bakedTables(lifecycle, './table.js'),
      resolveDir: built('core/lifecycle'),
    }));
    // The option parser wants it for commands that are programs of their own; none of ours is.
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'nothing' } : undefined,
    );
    onLoad({ filter: /^none$/, namespace: 'nothing' }, () => ({ contents: '' }));
  },
};

/** Bundled apart, so that what is asked for loads as few files as can be: found beside the asker. */
const apart: Plugin = {
  name: 'apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/(?:main|run)\.js$/ }, ({ importer, path }) => {
      if (!importer.startsWith(built('scenarios/cli'))) return undefined;
      return { path: path === './main.js' ? './program.js' : path, external: true };
    });
  },
};

const SHARED: BuildOptions = {
  outdir: OUT,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['tinypool', 'bullmq', 'ioredis'],
  logLevel: 'warning',
};
/** For dependencies in the older module format. */
const WITH_REQUIRE: BuildOptions = {
  banner: {
    js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
  },
};

const BUNDLES: readonly BuildOptions[] = [
  { entryPoints: { main: built('scenarios/cli/entry.js') } },
  { ...WITH_REQUIRE, entryPoints: { run: built('scenarios/cli/run.js') } },
  {
    ...WITH_REQUIRE,
    entryPoints: {
      program: built('scenarios/cli/main.js'),
      'sweep-task': built('scenarios/workers/sweep-task.js'),
      'sweep-sandbox': built('scenarios/workers/sweep-sandbox.js'),
    },
  },
];
rmSync(OUT, { recursive: true, force: true });
for (const bundle of BUNDLES) await build({ ...SHARED, ...bundle, plugins: [apart, baked] });
writeFileSync(join(OUT, BUILD_FILE), `${await hashOfTask()}\n`);

/** Of all that a task of a sweep runs, as one text without names of files, comments and layout. */
async function hashOfTask(): Promise<string> {
  const { outputFiles } = await build({
    ...SHARED,
    ...WITH_REQUIRE,
    entryPoints: { task: built('scenarios/sweep/run-task.js') },
    splitting: false,
    legalComments: 'none',
    // By where it is asked for, not by where a link leads: so the text is the same wherever packages lie.
    preserveSymlinks: true,
    write: false,
    plugins: [baked],
  });
  return createHash('sha256').update(outputFiles[0].contents).digest('hex');
}

/** What the option parser itself prints, laid out for a pipe. */
function printed(option: string): string {
  const args = [built('scenarios/cli/main.js'), option];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: {},
  });
  if (status !== 0 || stdout === '') throw new Error(`${option} printed nothing: ${stderr}`);
  return stdout;
}
