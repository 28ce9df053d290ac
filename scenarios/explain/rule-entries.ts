/** Entries for what carries an id of ours: rules, invariants, quirks. */
import { INVARIANTS } from '../../core/invariants/check.js';
import { QUIRKS, type QuirkProgram } from '../../core/platform/nitro/quirks.js';
import type { CheckedAt } from '../../core/platform/rule.js';
import type { Layer } from '../../core/refusal/refusal.js';
import type { Entry } from './entry.js';
import { allRules } from './rule-list.js';

const CHECKED: Readonly<Record<CheckedAt, string>> = {
  parent: 'on the parent VM, before anything else',
  reservation: 'when CPUs and memory are reserved',
  start: 'when an enclave is started',
  running: 'while an enclave runs: its end, its console, whom it may reach',
  driver: 'in the driver, call by call',
  cli: 'in the command line, before the driver is asked',
};

const LAYERS: Readonly<Record<Layer, string>> = {
  input: 'whoever reads the request',
  cli: 'the command line',
  service: 'the reservation service',
  parent: 'the parent VM',
  platform: 'the platform',
  driver: 'the driver',
  hypervisor: 'the hypervisor',
};

/** Where an id has a second meaning. */
const NOTES: Readonly<Record<string, string>> = {
  lifecycle:
    'of a parent VM, on every platform, it means that it cannot do this in its state: one that is stopped cannot stop, one that runs cannot boot',
};

export function ruleEntries(): Entry[] {
  return allRules().map(({ row, platforms, codes }) => ({
    code: row.id,
    family: 'rule',
    also: row.id.includes('.') ? [row.id.slice(row.id.indexOf('.') + 1)] : [],
    means: row.sentence,
    saidBy: `${LAYERS[row.layer]} (${platforms.join(', ')})`,
    checked: CHECKED[row.checkedAt],
    gives: codes,
    raisedBy: [],
    remedy: row.remedy,
    ...(NOTES[row.id] === undefined ? {} : { note: NOTES[row.id] }),
    source: row.source,
  }));
}

export function invariantEntries(): Entry[] {
  return INVARIANTS.map(({ id, sentence }) => ({
    code: id,
    family: 'invariant',
    also: [],
    means: sentence,
    saidBy: 'this model, of every host it simulates',
    checked: 'after every command in tests and with run --audit, else at the end of a run',
    raisedBy: [],
    remedy: 'A violation is a fault of the platform modelled, or of the model: report it.',
    source: 'isolation invariants of this model',
  }));
}

export function quirkEntries(): Entry[] {
  return QUIRKS.map(({ id, program, sentence, source }) => ({
    code: id,
    family: 'quirk',
    also: [],
    means: sentence,
    saidBy: 'nobody: it is what the real program does, kept on purpose',
    raisedBy: [],
    remedy: 'Nothing to correct: the real program does this too; plan for it.',
    source: `${PROGRAMS[program]} of aws-nitro-enclaves-cli 1.5.0: nitro RULES.md ${source}`,
  }));
}

const PROGRAMS: Readonly<Record<QuirkProgram, string>> = {
  driver: 'Nitro driver',
  reservation: 'reservation script',
  'nitro-cli': 'nitro-cli',
};
