/** The refusal of a command that the host's profile does not have. Invariant: it names both. */
import type { Command } from './command.js';
import type { Decision } from './decision.js';
import type { Host } from './host.js';

export function refusedCommand(host: Host, command: Command): Decision {
  const { id } = host.profile;
  return {
    effects: [],
    facts: {},
    refusal: {
      layer: 'input',
      codes: [],
      rule: 'command-of-profile',
      message: `${id} has no command ${command.kind}`,
      numbers: { command: command.kind, profile: id },
      remedy: `Use a command that ${id} lists, or another platform.`,
    },
  };
}
