/**
 * A small Nitro parent and its twin: one decides launches and ends at once, the other only ever runs
 * the programs of nitro-cli.
 *
 * Invariant: after each step both hold the same, to the byte of the stores and in the list of
 * processes; what was left to the program had changed nothing before.
 */
import { expect } from 'vitest';
import { endAtOnce } from '../../core/device/nitro-cli/end-at-once.js';
import { enclaveIdOf } from '../../core/device/nitro-cli/ids.js';
import type { RunEnvironment } from '../../core/device/nitro-cli/launch.js';
import { launchAtOnce } from '../../core/device/nitro-cli/launch-at-once.js';
import { createNitroCli, type NitroCli } from '../../core/device/nitro-cli/processes.js';
import type { RunRequest } from '../../core/device/nitro-cli/request.js';
import { runEnclave } from '../../core/device/nitro-cli/run-enclave.js';
import { terminateEnclave } from '../../core/device/nitro-cli/terminate.js';
import { apply } from '../../core/host/apply.js';
import type { Command } from '../../core/host/command.js';
import type { Host } from '../../core/host/host.js';
import { runProgram } from '../../core/host/program.js';
import { runInPlace } from '../../core/host/step.js';
import { canonicalJson } from '../../core/journal/codec.js';
import { nitroHost, type SmallHost } from '../kit/hosts.js';
import { around, asking } from './nitro-cli-host.js';

export const MIB = 1024 ** 2;
export const SMALL = 2048;
export const LARGE = 32_768;
export const HUGE = 262_144;
/** Cores 1 to 3, and with two nodes those of the second but its first. */
export const [POOL, SECOND_NODE] = ['1-3,9-11', '5-7,13-15'];
/** The end of the last page of 2 MiB of user memory. */
export const USER_END = 0x7fff_ffe0_0000;

export type Reserved = readonly (readonly [node: number, pageKib: number, pages: number])[];

/** Eight cores of threads n and n + 8, with pages reserved and a pool. */
function parent(pages: Reserved, pool = POOL, shape: SmallHost = {}): Host {
  const nodes = shape.nodes ?? 1;
  const sized = { pageSizesKib: [SMALL, LARGE], memoryMibPerNode: 512, ...shape };
  const host = nitroHost({ ...sized, nodes, coresPerNode: 8 / nodes });
  for (const [node, pageKib, count] of pages) {
    runInPlace(host, { kind: 'nitro.write-hugepages', node, pageKib, text: String(count) });
  }
  runInPlace(host, { kind: 'nitro.write-pool', text: pool });
  return host;
}

function contentOf({ tree, memory }: Host, cli: NitroCli) {
  const stores = memory.map((node) => Buffer.from(node.snapshot()).toString('base64'));
  return { tree: canonicalJson(tree), stores, cli: structuredClone(cli) };
}

export type Asked = Partial<RunRequest>;
export type Around = Partial<RunEnvironment>;

/** A parent and its twin, which only ever runs programs. */
export class Pair {
  readonly host: Host;
  readonly cli = createNitroCli('i-1');
  readonly #twin: Host;
  readonly #twinCli = createNitroCli('i-1');

  constructor(make: () => Host) {
    this.host = make();
    this.#twin = make();
  }

  run(...commands: readonly Command[]): this {
    for (const command of commands) {
      for (const host of [this.host, this.#twin]) runInPlace(host, command);
    }
    return this;
  }

  /** "planned", the codes of a refusal told at once, or "by steps". */
  launch(asked: Asked = {}, env: Around = {}): string {
    return this.launchThis(asking(asked), env);
  }

  launchThis(request: RunRequest, env: Around = {}): string {
    const before = contentOf(this.host, this.cli);
    const decided = launchAtOnce(request, around(this.host, env, this.cli));
    if (decided === undefined) {
      expect(contentOf(this.host, this.cli)).toEqual(before);
      runProgram(this.host, runEnclave(request, around(this.host, env, this.cli)));
    } else apply(this.host, decided.effects);
    const twin = around(this.#twin, env, this.#twinCli);
    const result = runProgram(this.#twin, runEnclave(request, twin));
    this.#expectSame();
    if (decided === undefined) return 'by steps';
    const refusal = 'refusal' in decided ? decided.refusal : undefined;
    expect(refusal).toEqual(result.ok ? undefined : result.refusal);
    return refusal?.codes.join(' ') ?? 'planned';
  }

  /** Ends the process at a position of the list. */
  end(position = 0): string {
    const [child, other] = [this.cli.running[position], this.#twinCli.running[position]];
    const before = contentOf(this.host, this.cli);
    const id = enclaveIdOf('i-1', child.slot);
    const decided = endAtOnce(this.cli, child, this.host);
    if (decided === undefined) {
      expect(contentOf(this.host, this.cli)).toEqual(before);
      runProgram(this.host, terminateEnclave(this.cli, { id }));
    } else apply(this.host, decided);
    runProgram(this.#twin, terminateEnclave(this.#twinCli, { id }));
    this.#expectSame();
    expect(child).toEqual(other);
    return decided === undefined ? 'by steps' : 'planned';
  }

  #expectSame(): void {
    expect(contentOf(this.host, this.cli)).toEqual(contentOf(this.#twin, this.#twinCli));
  }
}

export const pair = (...given: Parameters<typeof parent>) => new Pair(() => parent(...given));
export const mapping = (pageKib = SMALL): Command => ({ kind: 'nitro.map-page', task: 7, pageKib });
export const foreignUpTo = (end: number): Command => ({
  ...{ kind: 'nitro.map-foreign', task: 7, address: end - 2 * MIB, pageBytes: 2 * MIB },
  ...{ huge: true, node: 0, runs: [[2 ** 45, 1]] },
});

/** With pages of another task at the start of a pool, every second of which is given back. */
export function scattered(reserved: Reserved, pageKib = SMALL): Pair {
  const made = pair(reserved);
  const addresses = [0, 1, 2, 3, 4, 5].map((page) => 2 ** 44 + page * pageKib * 1024);
  for (const address of addresses) {
    made.run(mapping(pageKib), { kind: 'nitro.touch', address, localNode: 0 });
  }
  const back = addresses.filter((_, i) => i % 2 === 0);
  return made.run(...back.map((address): Command => ({ kind: 'nitro.unmap', address })));
}
