/**
 * Valid scenario texts the loader tests start from; each is valid on its own.
 *
 * Between them they use every part of the format: the fuzz test mutates them, so a part that is
 * missing here would go unfuzzed.
 */

export const SMALL = `schemaVersion: 1
title: one enclave
parent: {type: m5.16xlarge}
`;

export const NITRO = `# A churn on Nitro.
schemaVersion: 1
title: churn on a large parent
teaches: >-
  What a week of launches
  does to contiguous memory.
source: a field report
derived: [seed]
differs: [a log line]
platform: nitro
parent:
  type: m5.16xlarge
  memoryLayout: {kind: uptime, days: 12, seed: 4}
options: {allocator: legacy, limit: 4, strict: true}
reservation: {memory: 8GiB, cpuList: "1-3,33-35"}
images:
  web: {size: {bytes: 12345678}, sections: [kernel, cmdline, ramdisk], kind: eif}
  db.main: {size: 64MiB, os: linux}
workload:
  timeline:
    - {at: 0, reserve: {text: "---\\ncpu_count: 2\\nmemory_mib: 512\\n"}}
    - &first {at: 10s, launch: {name: a, image: web, vcpus: 2, memory: 512MiB, cid: 16}}
    - {at: 1m, together: [{name: b, memory: 1GiB}, {name: c, debug: true, heartbeat: false}]}
    - {at: 5m, terminate: a}
    - {at: 5m, launch: {name: n, cpuIds: "5,37", count: 3}}
    - {crash: n-2}
    - {parent: stop}
    - {unreserve: true}
    - {cpuOffline: 5}
    - {cpuOnline: 5}
    - {snapshot: the end}
  churn:
    launches: 100
    every: 30s
    lifetime: 2h
    mix: [{weight: 3, vcpus: 2, memory: 512, image: db.main}, {vcpus: 4, memory: 1GiB}]
seed: 7
expect:
  - {launch: a, is: ok, memory: 512, vcpus: 2, cpus: "1-2", node: 0, cid: 16, id: "0", status: 0}
  - {launch: b, is: {code: E26, rule: nitro-memory, stage: run, says: MB, numbers: {minimumMib: 4}}}
  - {launch: b, is: {}, prints: ["[ E26 ]", E39]}
  - {reservation: ok, nth: 1, prints: Success, attempts: [{node: 0, pages: {1GiB: 1}}]}
  - {pages: {2MiB: 4, 1GiB: 7}, node: 0}
  - {pool: "1-3"}
  - {poolText: "1,3"}
  - {parentMemory: {atLeast: 1GiB}}
  - {online: 58}
  - {running: 2}
  - {refused: {atLeast: 1}}
`;

export const QINGTIAN = `{
\t"schemaVersion": 1,
\t"title": "explicit topology",
\t"platform": "qingtian@2022-10",
\t"parent": {
\t\t"topology": {
\t\t\t"nodes": [
\t\t\t\t{"cpus": "0-7,16-23", "memory": "16GiB"},
\t\t\t\t{"cpus": "8-15,24-31", "memory": 16384}
\t\t\t],
\t\t\t"offline": "31",
\t\t\t"pageSizes": ["2MiB", "1GiB"]
\t\t},
\t\t"flavor": "c7e",
\t\t"memoryLayout": {"kind": "explicit", "free": [[["1GiB", "4GiB"], ["6GiB", "2GiB"]], []]}
\t},
\t"reservation": {"memory": "2GiB", "pageSize": "1GiB", "cpuCount": 3, "cpuList": "2-3"}
}
`;

export const SAMPLES: readonly string[] = [SMALL, NITRO, QINGTIAN];
