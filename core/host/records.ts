/**
 * The records of a host's live enclaves: a list by ascending uid, in `tree.records`.
 *
 * A platform gives uids in ascending order, so the last record is the newest, and the driver's own
 * list, newest first, is this one read backwards. Invariant: each uid stands once, none after a
 * greater one. Trade-off: a record is looked up by search, O(log n); a table by uid would be a hash
 * table whose entries come and go with each life, which costs an engine more than all searches.
 */
import type { Enclave, HostTree } from './tree.js';

/** A tree that is only looked at may know better which record is asked for (explore/watched-host). */
interface Records extends Pick<HostTree, 'records'> {
  readonly lookUp?: (uid: number) => Enclave | undefined;
}

/** The record of an enclave, or undefined. */
export function recordOf(tree: Records, uid: number): Enclave | undefined {
  if (tree.lookUp !== undefined) return tree.lookUp(uid);
  const { records } = tree;
  const { length } = records;
  if (length > 0 && records[length - 1].uid === uid) return records[length - 1];
  const at = placeOf(records, uid);
  return at < length && records[at].uid === uid ? records[at] : undefined;
}

/** The record of an enclave that is known to be there; throws where it is not. */
export function theRecord(tree: Records, uid: number): Enclave {
  const record = recordOf(tree, uid);
  if (record === undefined) throw new Error(`there is no enclave ${uid}`);
  return record;
}

/** Uids, newest first. */
export function uidsOf({ records }: Records): number[] {
  const uids: number[] = [];
  for (let i = records.length - 1; i >= 0; i--) uids.push(records[i].uid);
  return uids;
}

/** Records, newest first, as the driver's list has them. */
export function newestFirst({ records }: Records): Enclave[] {
  return records.slice().reverse();
}

/** Puts a record at its place; in the place of the one that has its uid, if there is one. */
export function putRecord({ records }: Records, record: Enclave): void {
  const { length } = records;
  if (length === 0 || records[length - 1].uid < record.uid) {
    // Stored, not pushed: that is a call into the runtime.
    records[length] = record;
    return;
  }
  const at = placeOf(records, record.uid);
  if (at < records.length && records[at].uid === record.uid) {
    records[at] = record;
    return;
  }
  records.push(record);
  for (let i = records.length - 1; i > at; i--) records[i] = records[i - 1];
  records[at] = record;
}

/** Removes a record; nothing where there is none. */
export function removeRecord({ records }: Records, uid: number): void {
  const at = placeOf(records, uid);
  if (at === records.length || records[at].uid !== uid) return;
  for (let i = at + 1; i < records.length; i++) records[i - 1] = records[i];
  records.pop();
}

/** Position of the first record whose uid is not below `uid`; the newest are asked for most. */
function placeOf(records: readonly Enclave[], uid: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (records[middle].uid < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}
