/**
 * One entrant of a race, in a process of its own: a JavaScript racer or the native baseline.
 *
 * Invariant: between two orders its process sleeps. Trade-off: both kinds answer the same orders, but
 * that the native one knows no single times.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compiledFile } from './compiled.js';
import { buildWasm } from './native-build.js';
import type { Answer, Order } from './racer-messages.js';
import { type RacerName, racerEntry } from './racers/racers.js';
import type { Spread } from './statistics.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A part of a trace: the operations from `from` (timed) up to `operations`. */
export interface Window {
  readonly operations: number;
  readonly from: number;
}

export interface Contestant {
  readonly name: string;
  load(file: string): Promise<void>;
  replayNs(window: Window): Promise<number>;
  /** Of one that has a floor of its own: what its replay loop takes alone. */
  floorNs?(window: Window): Promise<number>;
  end(): void;
}

/** A process that runs one module of the bench, compiled, and answers messages. */
export class Attendant {
  private readonly child: ChildProcess;

  constructor(script: string, args: readonly string[], flags: readonly string[] = []) {
    this.child = fork(compiledFile(script), args, { cwd: ROOT, execArgv: [...flags] });
  }

  /** The next answer, after sending `order` if there is one. Throws when the process has ended. */
  async ask<Reply>(order?: object): Promise<Reply> {
    const gone = new AbortController();
    const { signal } = gone;
    const reply = once(this.child, 'message', { signal });
    const death = once(this.child, 'exit', { signal }).then(([code]) => {
      throw new Error(`the process of a bench ended with ${code}`);
    });
    if (order !== undefined) this.child.send(order);
    try {
      const [message] = (await Promise.race([reply, death])) as [Reply];
      return message;
    } finally {
      reply.catch(() => undefined);
      death.catch(() => undefined);
      gone.abort();
    }
  }

  end(): void {
    this.child.disconnect();
  }
}

/** What a racer needs built, as arguments of its process. Throws where it cannot be: ask `buildWasm`. */
export function programOf(name: RacerName): string[] {
  const { needs } = racerEntry(name);
  if (needs === undefined) return [];
  const built = buildWasm(needs);
  if ('skipped' in built) throw new Error(built.skipped);
  return [built.program];
}

export class RacerProcess implements Contestant {
  readonly name: RacerName;
  private readonly attendant: Attendant;

  private constructor(name: RacerName, program: readonly string[], flags: readonly string[]) {
    this.name = name;
    this.attendant = new Attendant('racer-process', [name, ...program], flags);
  }

  /** `flags`: for Node, besides those that every racer runs with. */
  static async start(name: RacerName, flags: readonly string[] = []): Promise<RacerProcess> {
    const racer = new RacerProcess(name, programOf(name), flags);
    await racer.attendant.ask();
    return racer;
  }

  async load(file: string): Promise<void> {
    await this.obey({ kind: 'load', file }, 'ready');
  }

  async replayNs({ operations, from }: Window): Promise<number> {
    return (await this.obey({ kind: 'replay', operations, from }, 'replay')).ns;
  }

  /** Writes an Int32 per operation into `file`. */
  async places(
    operations: number,
    file: string,
  ): Promise<{ readonly bytes: number; readonly bytesPerExtent: number }> {
    return this.obey({ kind: 'places', operations, file }, 'places');
  }

  async singles(operations: number): Promise<Spread> {
    return (await this.obey({ kind: 'singles', operations }, 'singles')).ns;
  }

  end(): void {
    this.attendant.end();
  }

  private async obey<Kind extends Answer['kind']>(
    order: Order,
    kind: Kind,
  ): Promise<Extract<Answer, { kind: Kind }>> {
    const answer = await this.attendant.ask<Answer>(order);
    if (answer.kind !== kind) throw new Error(`${this.name} answered ${answer.kind} to ${kind}`);
    return answer as Extract<Answer, { kind: Kind }>;
  }
}

/** The native program on one trace file. */
export class NativeProcess implements Contestant {
  readonly name: string;
  private readonly program: string;
  private child: ChildProcess | undefined;
  private lines: AsyncIterator<string> | undefined;

  constructor(name: string, program: string) {
    this.name = name;
    this.program = program;
  }

  async load(file: string): Promise<void> {
    this.end();
    const child = spawn(this.program, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child = child;
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async replayNs({ from, operations }: Window): Promise<number> {
    return Number(await this.say(`replay ${from} ${operations}`));
  }

  async floorNs({ from, operations }: Window): Promise<number> {
    return Number(await this.say(`floor ${from} ${operations}`));
  }

  /** Writes an Int32 per operation into `file`. */
  async places(file: string): Promise<void> {
    await this.say(`place ${file}`);
  }

  end(): void {
    this.child?.stdin?.end();
    this.child = undefined;
  }

  private async say(line: string): Promise<string> {
    if (this.child === undefined || this.lines === undefined) throw new Error('nothing is loaded');
    this.child.stdin?.write(`${line}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`the native program ended at "${line}"`);
    return value;
  }
}
