/** Two small parents of plain VMs, placed by the policy of `mine.mjs` beside the fleet file. */
export const FLEET_OF_MINE = `fleetVersion: 1
title: Two parents
platform: vm
fleet: [{count: 2, parent: {topology: {nodes: [{cpus: 0-7, memory: 4GiB}]}}}]
workload:
  requests: 40
  arrivals: {kind: poisson, every: 10s}
  lifetime: {kind: exponential, mean: 1m}
  mix: [{vcpus: 2, memory: 512MiB}]
policy: {module: mine.mjs}
`;
