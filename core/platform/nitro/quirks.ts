/**
 * Named quirks of the real Nitro programs that this model keeps, because what they leave behind
 * decides whether the next enclave fits.
 *
 * Invariant: every place that enacts one names its id; each entry says what the real code does and
 * where the rule book says so. Sources: rules/nitro.md, conformance format ("finding n").
 */
export interface Quirk {
  readonly id: string;
  readonly sentence: string;
  readonly source: string;
}

export const QUIRKS: readonly Quirk[] = [
  quirk('pool-torn-down-first', '§2.2, finding 1', 'A refused pool write has erased the old pool.'),
  quirk('pool-lone-thread', '§2.3, finding 5', 'A core with an offline sibling counts as whole.'),
  quirk('pool-threads-of-lowest', 'finding 4', 'Threads per core are measured on the lowest CPU.'),
  quirk(
    'pool-odd-last-cpu',
    'finding 3',
    'With an odd number of ids the last CPU is out of range.',
  ),
  quirk('pool-cpu-stays-offline', 'finding 5', 'A CPU that fails to come online is only logged.'),
  quirk('pool-cpu-online', '§2.3', 'The administrator can bring a pool CPU online.'),
  quirk('create-takes-no-core', '§1.4, finding 7', 'More enclaves may exist than free cores.'),
  quirk('core-kept', '§1.5, finding 10', 'A core moved for a refused ADD_VCPU stays moved.'),
  quirk('done-though-efault', 'finding 22', 'A failed copy-out does not undo what was done.'),
  quirk(
    'region-over-coverage',
    '§3.2, finding 15',
    'A region smaller than its page adds the page.',
  ),
  quirk('tail-page-size', '§3.2, finding 16', 'An address inside a large page reads as 4 KiB.'),
  quirk('pin-leak', '§3.2, finding 17', 'The page that fails a check is never released.'),
  quirk('merge-last-only', '§3.3, finding 18', 'Pages join only the range just before them.'),
  quirk('memory-kept', '§1.5, finding 19', 'A refused SLOT_ADD_MEM leaves the region registered.'),
  quirk('no-alias-check', '§3.4, finding 20', 'The driver lets one page go to two enclaves.'),
  quirk('cid-not-checked', 'finding 21', 'The driver does not look whether a CID is in use.'),
  quirk('zombie-slot', '§1.1, finding 23', 'A release that fails keeps cores and pages for ever.'),
  quirk(
    'stopped-keeps-resources',
    '§1.1, §9',
    'A crashed enclave keeps all until its file closes.',
  ),
  quirk('slot-info-zeroed', '§1.1, finding 25', 'A failed SLOT_INFO turns RUNNING into INIT.'),
  quirk('unbind-unlists', 'finding 26', 'Unbinding forgets the enclaves but keeps what they own.'),
  quirk('cores-joined', 'finding 26', 'Threads join what an index holds already.'),
];

function quirk(id: string, source: string, sentence: string): Quirk {
  return { id, sentence, source };
}
