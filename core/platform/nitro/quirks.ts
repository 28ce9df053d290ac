/**
 * Named quirks of the real Nitro programs that this model keeps, because what they leave behind
 * decides whether the next enclave fits.
 *
 * One list for the driver, the reservation script and nitro-cli. Invariant: every place that enacts
 * one names its id; each entry says what the real code does and where the rule book says so.
 * Sources: RULES.md beside this file ("§n"); the findings of the conformance format
 * (scenarios/conform/FORMAT.md: "finding n" of the driver, "script finding n", "cli finding n", or an
 * operation of its table).
 */
export type QuirkProgram = 'driver' | 'reservation' | 'nitro-cli';

export interface Quirk {
  readonly id: string;
  readonly program: QuirkProgram;
  readonly sentence: string;
  readonly source: string;
}

type Row = readonly [id: string, source: string, sentence: string];

const DRIVER: readonly Row[] = [
  ['pool-torn-down-first', '§2.2, finding 1', 'A refused pool write has erased the old pool.'],
  ['pool-lone-thread', '§2.3, finding 5', 'A core with an offline sibling counts as whole.'],
  ['pool-threads-of-lowest', 'finding 4', 'Threads per core are measured on the lowest CPU.'],
  ['pool-odd-last-cpu', 'finding 3', 'With an odd number of ids the last CPU is out of range.'],
  ['pool-cpu-stays-offline', 'finding 5', 'A CPU that fails to come online is only logged.'],
  ['pool-cpu-online', 'operation cpuHotplug', 'The administrator can bring a pool CPU online.'],
  ['create-takes-no-core', '§1.4, finding 7', 'More enclaves may exist than free cores.'],
  ['core-kept', '§1.5, finding 10', 'A core moved for a refused ADD_VCPU stays moved.'],
  ['done-though-efault', 'finding 22', 'A failed copy-out does not undo what was done.'],
  ['region-over-coverage', '§3.2, finding 15', 'A region smaller than its page adds the page.'],
  ['tail-page-size', '§3.2, finding 16', 'An address inside a large page reads as 4 KiB.'],
  ['pin-leak', '§3.2, finding 17', 'The page that fails a check is never released.'],
  ['merge-last-only', '§3.3, finding 18', 'Pages join only the range just before them.'],
  ['memory-kept', '§1.5, finding 19', 'A refused SLOT_ADD_MEM leaves the region registered.'],
  ['no-alias-check', '§3.4, finding 20', 'The driver lets one page go to two enclaves.'],
  ['cid-not-checked', 'finding 21', 'The driver does not look whether a CID is in use.'],
  ['zombie-slot', '§1.1, finding 23', 'A release that fails keeps cores and pages for ever.'],
  ['stopped-keeps-resources', '§1.1, §9', 'A crashed enclave keeps all until its file closes.'],
  ['slot-info-zeroed', '§1.1, finding 25', 'A failed SLOT_INFO turns RUNNING into INIT.'],
  ['unbind-unlists', 'finding 26', 'Unbinding forgets the enclaves but keeps what they own.'],
  ['cores-joined', 'finding 26', 'Threads join what an index holds already.'],
];

const RESERVATION: readonly Row[] = [
  ['last-colon-value', '§4.1.1, script finding 2', 'A value is what follows the last colon.'],
  ['unfinished-line-dropped', '§4.1.1, script finding 2', 'A last line without newline is lost.'],
  [
    'octal-numbers',
    '§4.1.3, script finding 1',
    'A leading 0 makes a number octal; 08 ends it all.',
  ],
  ['sizes-wrap', '§4.1.4, script finding 1', 'Sizes wrap at 64 bits, and then succeed.'],
  ['page-for-nothing-asked', '§4.1.4, script finding 1', '0 MiB reserves one smallest page.'],
  ['pool-cleared-first', '§4.1.2, script finding 3', 'The old pool is gone before anything else.'],
  [
    'pool-kept-without-memory',
    '§4.1.5, script finding 4',
    'With cpu_pool a failed memory stays set.',
  ],
  ['memory-hidden-by-cpus', '§4.1.3, script finding 5', 'A memory failure is told as one of CPUs.'],
  [
    'silent-at-empty-node',
    '§4.1.3, script finding 6',
    'After it a node without CPUs ends silently.',
  ],
  ['negative-page-count', '§4.1.4, script finding 7', 'Pages in use lead to a negative count.'],
  ['rollback-in-hash-order', '§4.1.4, script finding 8', 'Counts come back in bash hash order.'],
];

const CLI: readonly Row[] = [
  ['memory-shift', '§5.2, cli finding 6', 'Memory in bytes drops the bits above 64.'],
  ['pages-taken-for-nothing', '§5.4, cli finding 1', 'Pages won first may all be given back.'],
  ['node-blind-pages', '§5.4, cli finding 3', 'Pages are mapped without a look at their node.'],
  ['page-by-page', '§3.5, cli finding 4', 'Each page is a call of its own, so none ever merge.'],
  ['image-copy-stops', '§5.5, cli finding 8', 'The image copy ends silently where memory ends.'],
  ['failed-command-ends-enclave', '§6.1', 'A command that fails ends the enclave it asked.'],
  ['terminate-warning', '§6.1', 'A failed stop is a warning; the process exits all the same.'],
];

export const QUIRKS: readonly Quirk[] = [
  ...quirksOf('driver', DRIVER),
  ...quirksOf('reservation', RESERVATION),
  ...quirksOf('nitro-cli', CLI),
];

function quirksOf(program: QuirkProgram, rows: readonly Row[]): Quirk[] {
  return rows.map(([id, source, sentence]) => ({ id, program, source, sentence }));
}
