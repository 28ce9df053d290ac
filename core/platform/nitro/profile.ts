/**
 * The Nitro profile: the driver of aws-nitro-enclaves-cli 1.5.0 and the kernel under it, as steps.
 *
 * Invariant: every refusal of a step comes from a row of `rules`; nothing of the driver works
 * while the parent does not run. The rule book is nitro RULES.md; quirks.ts lists what is kept of
 * its bugs.
 */
import type { Command, CommandOf } from '../../host/command.js';
import type { Decision } from '../../host/decision.js';
import type { Host } from '../../host/host.js';
import { NITRO_HYPERVISOR } from '../../host/hypervisor.js';
import { parentSteps } from '../../host/parent-steps.js';
import type { NamedOptions, Profile, ResolvedOptions, Step, Steps } from '../profile.js';
import { firstRefusal, type Rule } from '../rule.js';
import { addVcpu } from './add-vcpu.js';
import { bindDevice, unbindDevice } from './bind.js';
import { closeEnclave } from './close.js';
import { createVm } from './create-vm.js';
import { derivedFacts } from './derived.js';
import { endEnclave, endTasks } from './end-enclave.js';
import { exitEvent } from './exit-event.js';
import { NITRO_GUARANTEES } from './guarantees.js';
import { hotplug } from './hotplug.js';
import { writeHugepages } from './hugepages.js';
import { imageLoadInfo } from './image-load-info.js';
import { pollEnclave } from './poll.js';
import { writePool } from './pool-write.js';
import { diagnoseNitro, NITRO_RULES, PARENT_RUNNING, PARENT_TYPE } from './rules.js';
import { setMemory } from './set-memory.js';
import { startEnclave } from './start.js';
import { mapForeign, mapPage, touch, unmap } from './tasks.js';

/** Without enclave support there is no device, so no pool and no slot. */
const DRIVER_RULES = [PARENT_RUNNING, PARENT_TYPE];

const STEPS: Steps = {
  'nitro.write-pool': whileRunning<'nitro.write-pool'>(writePool, DRIVER_RULES),
  'nitro.write-hugepages': whileRunning<'nitro.write-hugepages'>(writeHugepages),
  'nitro.create-vm': whileRunning<'nitro.create-vm'>(createVm, DRIVER_RULES),
  'nitro.add-vcpu': whileRunning<'nitro.add-vcpu'>(addVcpu),
  'nitro.image-load-info': whileRunning<'nitro.image-load-info'>(imageLoadInfo),
  'nitro.set-memory': whileRunning<'nitro.set-memory'>(setMemory),
  'nitro.start': whileRunning<'nitro.start'>(startEnclave),
  'nitro.close': whileRunning<'nitro.close'>(closeEnclave),
  'nitro.exit-event': whileRunning<'nitro.exit-event'>(exitEvent),
  'nitro.poll': whileRunning<'nitro.poll'>(pollEnclave),
  'nitro.hotplug': whileRunning<'nitro.hotplug'>(hotplug),
  'nitro.unbind': whileRunning<'nitro.unbind'>(unbindDevice),
  'nitro.bind': whileRunning<'nitro.bind'>(bindDevice),
  'nitro.map-foreign': whileRunning<'nitro.map-foreign'>(mapForeign),
  'nitro.map-page': whileRunning<'nitro.map-page'>(mapPage),
  'nitro.touch': whileRunning<'nitro.touch'>(touch),
  'nitro.unmap': whileRunning<'nitro.unmap'>(unmap),
  ...parentSteps({ endEnclave, endTasks }),
};

/** The one Nitro profile there is; its hypervisor is the isolating model. */
export function nitroProfile(): Profile {
  return {
    platform: 'nitro',
    id: 'nitro@cli-1.5.0',
    title: 'nitro@cli-1.5.0: AWS Nitro Enclaves, driver and kernel of aws-nitro-enclaves-cli 1.5.0',
    rules: NITRO_RULES,
    steps: STEPS,
    parentDefaults: { region: 'any' },
    hypervisor: NITRO_HYPERVISOR,
    resolveOptions,
    guarantees: NITRO_GUARANTEES,
    derivedFacts,
    diagnose,
  };
}

function diagnose(host: Host, command: Command) {
  const step = STEPS[command.kind] as ((host: Host, command: Command) => Decision) | undefined;
  return step === undefined ? undefined : diagnoseNitro(host, command, step(host, command));
}

/**
 * The rule book leaves no ambiguity to settle; `allocator` names the version of the reservation
 * script: before-313 ignores a memory failure (nitro RULES.md §4.1.7).
 */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  allocator: ['1.5.0', 'before-313'],
};

function resolveOptions(named: NamedOptions): ResolvedOptions {
  const problems = Object.entries(named).flatMap(([name, value]) => {
    const allowed = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (allowed === undefined) {
      return [`option ${name} is unknown; known: ${Object.keys(OPTIONS).join(', ')}`];
    }
    return allowed.includes(String(value))
      ? []
      : [`option ${name} is ${value}; allowed: ${allowed.join(', ')}`];
  });
  return problems.length > 0 ? { problems } : { options: { allocator: '1.5.0', ...named } };
}

type NitroKind = Extract<CommandOf<keyof Steps>['kind'], `nitro.${string}`>;

function whileRunning<K extends NitroKind>(
  step: Step<K>,
  rules: readonly Rule<{ readonly host: Host }>[] = [PARENT_RUNNING],
): Step<K> {
  return (host, command) => {
    const refusal = firstRefusal(rules, { host });
    return refusal === undefined ? step(host, command) : { effects: [], facts: {}, refusal };
  };
}
