/**
 * The command line: which commands there are, what they take, and how the process ends.
 *
 * Invariant: this file loads nothing but the option parser; a command's own modules load when it
 * runs, so a start stays quick (entry.ts is quicker still). Exit codes are those of exit-code.ts,
 * whatever happens.
 */
import { type Argument, Command, CommanderError, type Option } from 'commander';
import { ENGINE_VERSION } from '../../core/version.js';
import { BAD_INPUT, type ExitCode, INTERNAL, OK } from './exit-code.js';
import { helpWidth, NARROWEST_TEXT } from './help-width.js';
import { withNearOption } from './near-option.js';
import { processStreams, type Streams } from './streams.js';
import { untilDone } from './until-done.js';
import { tellWriteErrors } from './write-error.js';

type Action = (streams: Streams) => Promise<ExitCode>;

/** Runs a command and keeps its exit code; output is flushed by leaving the process to end itself. */
async function perform(action: Action): Promise<void> {
  process.exitCode = await action(processStreams());
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A default as one types it: the parser's own words have it as JSON, in quotes. */
function withDefault({ description, defaultValue }: Argument | Option): string {
  return defaultValue === undefined ? description : `${description} (default: ${defaultValue})`;
}

function program(): Command {
  const root = new Command('hypercarve')
    .description('Simulates how a hypervisor carves enclaves out of a parent VM.')
    .version(ENGINE_VERSION)
    .configureOutput({
      getOutHelpWidth: () => helpWidth(process.stdout),
      getErrHelpWidth: () => helpWidth(process.stderr),
    })
    .configureHelp({
      minWidthToWrap: NARROWEST_TEXT,
      optionDescription: withDefault,
      argumentDescription: withDefault,
    })
    .showHelpAfterError('(hypercarve --help lists the commands)')
    .exitOverride();
  addRun(root);
  addSweep(root);
  addConform(root);
  addVerify(root);
  addLookups(root);
  root
    .command('demo')
    .description('the flagship scenario on both enclave platforms')
    .action(() => perform(async (streams) => (await import('./demo.js')).demo(streams)));
  for (const command of root.commands) {
    command.showHelpAfterError(`(hypercarve ${command.name()} --help lists what it takes)`);
    const options = command.options.flatMap(({ long }) => long ?? []);
    command.configureOutput({
      ...command.configureOutput(),
      outputError: (message, write) => write(withNearOption(message, options)),
    });
  }
  return root;
}

function addRun(root: Command): void {
  root
    .command('run')
    .description('run one scenario; "-" reads it from standard input')
    .argument('<file>', 'scenario file, YAML or JSON')
    .option('--seed <n>', 'use this seed in place of the one in the file')
    .option('--set <path=value>', 'change one value of the scenario; may be repeated', collect)
    .option(
      '--platform <names>',
      'platforms to run on, such as qingtian,nitro or vm; explain platform lists them',
    )
    .option('--report <folder>', 'write the run folder there')
    .option('--replace', 'with --report: also where the folder holds another run')
    .option('--audit', 'check every isolation invariant after every command')
    .option('--json', 'print the record as one JSON document')
    .option('--full', 'show every timeline entry and snapshot')
    .option('--watch', 'run again whenever the file changes, until Ctrl-C')
    .action((file, options) =>
      perform(async (streams) => (await import('./run.js')).run(file, options, streams)),
    );
  root
    .command('report')
    .description('show run folders again; several stand side by side')
    .argument('<folders...>', 'folders that run --report wrote')
    .option('--full', 'show all of the timeline')
    .option('--json', 'print the record as one JSON document, several as a list')
    .action((folders, options) =>
      perform(async (streams) => (await import('./report.js')).report(folders, options, streams)),
    );
  root
    .command('fleet')
    .description('run a workload or a trace on many parents; "-" reads standard input')
    .argument('<file>', 'fleet file, YAML or JSON')
    .option('--audit', 'check every isolation invariant after every event')
    .option('--demand <csv>', 'write what is asked for as a trace, and run nothing')
    .option('--columns <name>', 'of that trace: hypercarve (if not said), openb, huawei-numa')
    .option('--json', 'print the result as one JSON document')
    .action((file, options) =>
      perform((streams) =>
        untilDone('fleet', streams, async () =>
          (await import('./fleet.js')).fleet(file, options, streams),
        ),
      ),
    );
  root
    .command('init')
    .description('write a commented scenario to start from; "-" prints it')
    .argument('[file]', 'file to write', 'scenario.yaml')
    .option('--platform <name>', 'qingtian, nitro or vm', 'qingtian')
    .action((file, options) =>
      perform(async (streams) => (await import('./init.js')).init(file, options, streams)),
    );
}

function addSweep(root: Command): void {
  root
    .command('sweep')
    .description('run the variants of a fleet under many seeds and compare them; "-" reads stdin')
    .argument('<file>', 'sweep file, YAML or JSON')
    .option('--workers <n>', 'worker threads; as many as there are cores')
    .option('--shard <i/n>', 'only this share of the tasks, for `merge` afterwards')
    .option('--resume', 'go on where a sweep into the same folder ended')
    .option('--out <folder>', 'the run folder; by default one below runs/')
    .option('--engine <name>', 'local, or redis: the tasks go to `sweep-worker` processes')
    .option('--redis <url>', 'the Redis of --engine redis; by default on this machine')
    .option('--redis-wait <seconds>', 'for the first answer of that Redis', '60')
    .option('--yes', 'also when there are very many runs')
    .option('--json', 'print the summary as one JSON document')
    .action((file, options) =>
      perform((streams) =>
        untilDone('sweep', streams, async () =>
          (await import('./sweep.js')).sweep(file, options, streams),
        ),
      ),
    );
  root
    .command('sweep-worker')
    .description('work on the tasks of sweeps with --engine redis, until Ctrl-C')
    .option('--redis <url>', 'the Redis that the sweeps use; by default on this machine')
    .option('--workers <n>', 'tasks at a time', '1')
    .action((options) =>
      perform(async (streams) => (await import('./sweep-worker.js')).sweepWorker(options, streams)),
    );
  root
    .command('merge')
    .description('put the shards of a sweep together')
    .argument('<folders...>', 'run folders of all shards')
    .option('--out <folder>', 'the run folder to write')
    .option('--json', 'print the summary as one JSON document')
    .action((folders, options) =>
      perform(async (streams) => (await import('./merge.js')).merge(folders, options, streams)),
    );
}

function addConform(root: Command): void {
  root
    .command('conform')
    .description('replay recorded behaviour of real systems; "-" reads standard input')
    .argument('<files...>', 'vector files, one JSON object a line, .gz too')
    .option('--only <id>', 'replay only the vector of this id')
    .option('--stop-at-first', 'stop after the first vector that differs')
    .option('--json', 'print the score as one JSON document')
    .action((files, options) =>
      perform(async (streams) => (await import('./conform.js')).conform(files, options, streams)),
    );
}

function addVerify(root: Command): void {
  root
    .command('verify')
    .description('explore every reachable state of small hosts, every invariant checked')
    .option(
      '--platform <name>',
      'only scopes of this platform: qingtian, nitro or vm; may be repeated',
      collect,
    )
    .option('--scope <name>', 'only this scope; may be repeated; a wrong name lists them', collect)
    .option('--self-test', 'plant known faults and show that each is found')
    .option('--reduced', 'explore one state of each symmetry class only')
    .option('--properties', 'name the properties checked always and those reached, scope by scope')
    .option('--max-states <n>', 'give up beyond this many states, with exit code 1')
    .option(
      '--trail <file>',
      'write the path to a breach there, as a scenario to run (a second one beside it, with its number)',
    )
    .option('--json', 'print the result as one JSON document')
    .action((options) =>
      perform(async (streams) => (await import('./verify.js')).verify(options, streams)),
    );
}

function addLookups(root: Command): void {
  root
    .command('catalog')
    .description('instance types a parent can be')
    .argument('[filter]', 'part of the name, such as m5. or metal')
    .option('--json', 'print them as one JSON document')
    .action((filter, options) =>
      perform(async (streams) => (await import('./catalog.js')).catalog(filter, options, streams)),
    );
  root
    .command('explain')
    .description('what a refusal code, rule, invariant or quirk means, and how to fix it')
    .argument('[code...]', 'such as QT 10, E29, NE 264, 206 or vcpu-even')
    .option('--json', 'print it as one JSON document')
    .action((words, options) =>
      perform(async (streams) => (await import('./explain.js')).explain(words, options, streams)),
    );
}

/** `help rn` is told what `rn` would be: that there is no such command, and which is near. */
function mended(root: Command, words: readonly string[]): readonly string[] {
  const [first, second] = words;
  if (first !== 'help' || second === undefined || second.startsWith('-')) return words;
  const known = ['help', ...root.commands.map((command) => command.name())];
  return known.includes(second) ? words : [second];
}

/** The parser has already told what is wrong; help and version are no errors. */
function endOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? OK : BAD_INPUT;
  const { message, stack, name } = error instanceof Error ? error : new Error(String(error));
  // Thrown by a user's own policy out of a timer, where nobody waits for it.
  if (name === 'PolicyFault') {
    process.stderr.write(`hypercarve: a policy failed: ${message}\n`);
    return BAD_INPUT;
  }
  const debug = (process.env.HYPERCARVE_DEBUG ?? '') !== '';
  const hint = 'please report it; HYPERCARVE_DEBUG=1 shows where';
  process.stderr.write(
    debug ? `${stack ?? message}\n` : `hypercarve: internal error: ${message} (${hint})\n`,
  );
  return INTERNAL;
}

process.on('uncaughtException', (error) => {
  process.exitCode = endOf(error);
});

tellWriteErrors(process.stdout);
tellWriteErrors(process.stderr);
try {
  const root = program();
  await root.parseAsync(mended(root, process.argv.slice(2)), { from: 'user' });
} catch (error) {
  process.exitCode = endOf(error);
}
