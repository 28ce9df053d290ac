/** CPU ids of a scenario's cpulist text, which the loader has checked. */
import { parseStrictCpulist } from '../../core/topology/cpulist.js';

export function cpuIdsOf(text: string): number[] {
  const parsed = parseStrictCpulist(text);
  if ('problem' in parsed) throw new Error(`CPU list ${text}: ${parsed.problem}`);
  return parsed.cpus;
}
