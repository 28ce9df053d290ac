/**
 * What long work beside the runs themselves says meanwhile: traces as they are read, parents as they
 * are built, variants as they are made ready, a demand as it is written, blocks as they are merged.
 *
 * Invariant: silent for the first second of each, and at most one line a second of all together;
 * nothing of it reaches a result. Trade-off: the work is synchronous, so Ctrl-C ends it at once; under a
 * final name nothing has been written by then.
 */
import { basename } from 'node:path';

const LINE_EVERY_MS = 1000;
const BYTES_PER_MIB = 1024 ** 2;

export class CheckProgress {
  private readonly command: string;
  private readonly say: (line: string) => void;
  private readonly clock: () => number;
  private lastMs = Number.NEGATIVE_INFINITY;

  /** `command`: the word that its lines begin with. */
  constructor(
    command: string,
    say: (line: string) => void,
    clock: () => number = () => performance.now(),
  ) {
    this.command = command;
    this.say = say;
    this.clock = clock;
  }

  /** What to tell of the blocks of a trace of that many bytes; 0 = nobody knows. */
  trace(file: string, bytes: number) {
    const name = basename(file);
    const startedMs = this.clock();
    let read = 0;
    let again = 0;
    let againMs = startedMs;
    return {
      onBlock: ({ length }: Uint8Array, requests: number): void => {
        read += length;
        const seconds = this.secondsSince(startedMs);
        if (seconds === undefined) return;
        const parts = [`${requests} requests`, `${Math.round(requests / seconds)} requests/s`];
        if (bytes > 0) {
          parts.push(`${Math.floor((100 * read) / bytes)} % of ${mib(bytes)} MiB`);
          parts.push(`about ${Math.ceil(((bytes - read) * seconds) / read)} s left`);
        }
        this.tell(`checking ${name}: ${parts.join(', ')}`);
      },
      onIdBlock: ({ length }: Uint8Array): void => {
        if (again === 0) againMs = this.clock();
        again += length;
        const seconds = this.secondsSince(againMs);
        if (seconds === undefined) return;
        const rate = Math.round(again / BYTES_PER_MIB / seconds);
        this.tell(
          `checking ${name} for ids that come twice: ${mib(again)} MiB read again, ${rate} MiB/s`,
        );
      },
    };
  }

  /** For something done so often, of so many where that is known. */
  steps(what: string): (done: number, of: number | undefined) => void {
    const startedMs = this.clock();
    return (done, of) => {
      const seconds = done === of ? undefined : this.secondsSince(startedMs);
      if (seconds === undefined) return;
      const rate = done / seconds;
      const left = of === undefined ? '' : `, about ${Math.ceil((of - done) / rate)} s left`;
      const total = of === undefined ? '' : ` of ${of}`;
      this.tell(`${done}${total} ${what}, ${rate.toFixed(1)}/s${left}`);
    };
  }

  /** undefined = not yet time for a line. */
  private secondsSince(startedMs: number): number | undefined {
    const nowMs = this.clock();
    if (nowMs - Math.max(startedMs, this.lastMs) < LINE_EVERY_MS) return undefined;
    this.lastMs = nowMs;
    return (nowMs - startedMs) / 1000;
  }

  private tell(text: string): void {
    this.say(`${this.command}: ${text}\n`);
  }
}

function mib(bytes: number): number {
  return Math.round(bytes / BYTES_PER_MIB);
}
