/**
 * The scenarios that `init` writes, one per platform.
 *
 * Invariant: each runs green, and shows every part of the format that a first scenario needs; a test
 * runs them all.
 */
const QINGTIAN = `# A scenario: what the parent VM is, what is reserved, launched, and expected.
# Run it with: hypercarve run THIS-FILE (exit code 1 when an expectation fails)
# Sizes: 512 or 512MiB, 4GiB. Times: 90s, 5m, 2h, 7d.
schemaVersion: 1
title: Two enclaves on a small QingTian parent
teaches: >-
  An odd number of vCPUs is refused, because sibling threads never serve two
  owners.

# qingtian, nitro or vm; a dated profile is written qingtian@2022-10.
platform: qingtian

parent:
  # Either a catalogue type (type: m5.16xlarge) or an explicit topology.
  topology:
    threadsPerCore: 2
    numbering: adjacent # CPUs 2n and 2n + 1 share a core
    nodes:
      - { cpus: 0-7, memory: 16GiB }
      - { cpus: 8-15, memory: 16GiB }
  # fresh, or the memory of a parent that has been up for days:
  # memoryLayout: { kind: uptime, days: 7 }
  memoryLayout: { kind: fresh }
  # Places for extents: granule-aware keeps 1 GiB runs whole;
  # best-fit, first-fit.
  # extentPolicy: best-fit

# What the reservation service takes from the parent.
reservation:
  pageSize: 2MiB
  memory: 2GiB
  cpuCount: 4

images:
  app: { size: 20MiB }

workload:
  timeline:
    - launch: { name: first, image: app, vcpus: 2, memory: 512MiB, cid: 4 }
    - at: 10s
      launch: { name: odd, image: app, vcpus: 3, memory: 512MiB, cid: 5 }
    - at: 20s
      launch: { name: second, image: app, vcpus: 2, memory: 512MiB, cid: 6 }
    - at: 1h
      terminate: first

# Assertions: the exit code is 1 when one fails.
expect:
  - { launch: first, is: ok }
  - { launch: odd, is: { rule: vcpu-even } }
  - { launch: second, is: ok }
  - { running: 1 }

# Everything random comes from this seed.
seed: 1
`;

const NITRO = `# A scenario: what the parent VM is, what is reserved, launched, and expected.
# Run it with: hypercarve run THIS-FILE (exit code 1 when an expectation fails)
# Sizes: 512 or 512MiB, 4GiB. Times: 90s, 5m, 2h, 7d.
schemaVersion: 1
title: Two enclaves on an m5.2xlarge
teaches: >-
  A single vCPU of a two-thread core cannot start, because cores are given
  whole.

# qingtian, nitro or vm. A catalogue type means nitro when nothing is said.
platform: nitro

parent:
  # A catalogue type (hypercarve catalog lists them), or an explicit topology.
  type: m5.2xlarge
  # fresh, or the memory of a parent that has been up for days:
  # memoryLayout: { kind: uptime, days: 7 }
  memoryLayout: { kind: fresh }
  # Places for extents: granule-aware keeps 1 GiB runs whole;
  # best-fit, first-fit.
  # extentPolicy: best-fit

# What the allocator service takes from the parent: the same as allocator.yaml.
reservation:
  memory: 2GiB
  cpuCount: 4

images:
  app: { size: 20MiB }

workload:
  timeline:
    - launch: { name: first, image: app, vcpus: 2, memory: 512MiB }
    - at: 10s
      launch: { name: half, image: app, vcpus: 1, memory: 256MiB }
    - at: 20s
      launch: { name: second, image: app, vcpus: 2, memory: 512MiB }
    - at: 1h
      terminate: first

# Assertions: the exit code is 1 when one fails.
expect:
  - { launch: first, is: ok }
  - { launch: half, is: { code: NE 269 } }
  - { launch: second, is: ok }
  - { running: 1 }

# Everything random comes from this seed.
seed: 1
`;

const VM = `# A scenario of plain VMs on a host without carve-out.
# Run it with: hypercarve run THIS-FILE (exit code 1 when an expectation fails)
schemaVersion: 1
title: Three plain VMs on a small host
teaches: A host with enough in total may still have no node that fits.
platform: vm

parent:
  topology:
    threadsPerCore: 2
    numbering: adjacent # CPUs 2n and 2n + 1 share a core
    nodes:
      - { cpus: 0-7, memory: 16GiB }
      - { cpus: 8-15, memory: 16GiB }

workload:
  timeline:
    - launch: { name: first, vcpus: 6, memory: 8GiB }
    - launch: { name: second, vcpus: 6, memory: 8GiB }
    - launch: { name: third, vcpus: 4, memory: 4GiB }

expect:
  - { launch: first, is: ok }
  - { launch: second, is: ok }
  - { launch: third, is: { rule: vm-node-fit } }

seed: 1
`;

/** Platform → text. */
export const INIT_TEMPLATES: ReadonlyMap<string, string> = new Map([
  ['qingtian', QINGTIAN],
  ['nitro', NITRO],
  ['vm', VM],
]);
