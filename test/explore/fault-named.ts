/** A planted fault by its id, for tests that plant one alone or ask what it makes of effects. */
import { expect } from 'vitest';
import { PLANTED_FAULTS, type PlantedFault } from '../../core/explore/planted-faults.js';
import type { Command } from '../../core/host/command.js';
import type { Effect } from '../../core/host/effect.js';
import type { Host } from '../../core/host/host.js';

/** Throws where there is none. */
export function faultNamed(id: string): PlantedFault {
  const fault = PLANTED_FAULTS.find((one) => one.id === id);
  if (fault === undefined) throw new Error(`no fault ${id}`);
  return fault;
}

/** The fault gives back what it was given, not even a copy. */
export function expectUntouched(
  id: string,
  effects: readonly Effect[],
  command: Command,
  host: Host,
): void {
  expect(faultNamed(id).effects(effects, host, command)).toBe(effects);
}
