/** A planted fault by its id, for tests that plant one alone. */
import { PLANTED_FAULTS, type PlantedFault } from '../../core/explore/planted-faults.js';

/** Throws where there is none. */
export function faultNamed(id: string): PlantedFault {
  const fault = PLANTED_FAULTS.find((one) => one.id === id);
  if (fault === undefined) throw new Error(`no fault ${id}`);
  return fault;
}
