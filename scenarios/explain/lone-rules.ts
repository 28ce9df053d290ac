/**
 * Entries for rules that stand in no platform's table of rows: those of the fleet engine, and
 * of requests that could not be read.
 *
 * Invariant: with the rows (rule-list) these are all rules that a run or a fleet can name, but the
 * ends of the reservation service, which are codes.
 */
import { CONF_TEXT } from '../../core/device/qt-cli/service.js';
import { QINGTIAN_CONF_PATH } from '../../core/device/reservation/qt-conf.js';
import { FLEET_RULES } from '../engine/fleet-rules.js';
import type { Entry } from './entry.js';

export function fleetEntries(): Entry[] {
  return FLEET_RULES.map(({ id, refused, checked, remedy }) => ({
    code: id,
    family: 'fleet',
    also: [],
    means: refused,
    saidBy: 'the fleet engine of this model (hypercarve fleet, hypercarve sweep)',
    checked,
    raisedBy: [],
    remedy,
    source: 'README, "Fleets"',
  }));
}

export function loneRuleEntries(): Entry[] {
  return [
    {
      code: 'command-of-profile',
      family: 'rule',
      also: [],
      means: 'A step is one that the platform of the host has.',
      saidBy: 'whoever reads the request (every platform)',
      checked: 'before anything else',
      gives: [],
      raisedBy: [],
      remedy: 'Use a step that the platform has, or run the scenario on another platform.',
      source: 'this model: the commands of each profile',
    },
    {
      code: 'nitro-cli.usage',
      family: 'rule',
      also: ['usage'],
      means: 'The arguments of nitro-cli follow its grammar: known options, each with its value.',
      saidBy: 'the command line (nitro)',
      checked: 'in the command line, before the driver is asked; it exits with 2',
      gives: [],
      raisedBy: [],
      remedy: 'Look at nitro-cli COMMAND --help.',
      source: 'aws-nitro-enclaves-cli 1.5.0, src/lib.rs, create_app!',
    },
    {
      code: CONF_TEXT.id,
      family: 'rule',
      also: [],
      means: CONF_TEXT.sentence,
      saidBy: 'the reservation service (qingtian)',
      checked: 'when CPUs and memory are reserved, before any value is judged',
      gives: ['QT 06'],
      raisedBy: [],
      remedy: `Correct that line of ${QINGTIAN_CONF_PATH}.`,
      source: CONF_TEXT.source,
    },
  ];
}
