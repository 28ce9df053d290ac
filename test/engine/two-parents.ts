/** A fleet file as small as it gets: two parents of plain VMs, some requests. Invariant: it runs as it stands. */
export const TWO_PARENTS = `fleetVersion: 1
title: Two parents
platform: vm
fleet:
  - count: 2
    parent: {topology: {nodes: [{cpus: 0-7, memory: 4GiB}]}}
workload:
  requests: 50
  arrivals: {kind: poisson, every: 10s}
  lifetime: {kind: exponential, mean: 1m}
  mix: [{vcpus: 2, memory: 512MiB}]
policy: first-fit
`;
