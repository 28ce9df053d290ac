/** The example of README.md, word for word but for its import: compiled with everything, and run. */
import {
  type Command,
  checkInvariants,
  describeHost,
  findProfile,
  regularTopology,
  step,
} from '../../core/index.js';

// A parent VM: 16 CPUs as 8 cores on one NUMA node, 32 GiB.
const described = describeHost({
  profile: findProfile('qingtian'),
  topology: regularTopology({ cores: 8, threadsPerCore: 2, nodes: 1, architecture: 'x86_64' }),
  memoryMib: [32_768],
});
if ('problems' in described) throw new Error(JSON.stringify(described.problems));

// A step gives a new host; the old one stays as it was.
const conf = { hugepageSizeMib: 1024, memoryMib: 4096, cpuCount: 4 };
const reserved = step(described.host, { kind: 'qingtian.reserve', conf });

const define: Command = {
  kind: 'qingtian.define',
  request: {
    image: {
      bytes: 300 * 2 ** 20,
      sections: ['kernel', 'cmdline', 'ramdisk', 'init'],
      os: 'linux',
      kind: 'eif',
    },
    vcpus: 2,
    memoryMib: 1024,
    cid: 4,
    debug: false,
    defaulted: [],
  },
};
const { refusal } = step(reserved.host, define).decision;

console.log(refusal?.codes, refusal?.rule); // [ 'QT 10' ] image-ratio
console.log(refusal?.message);
console.log(refusal?.remedy);

// Every row of the rule book at once, not only the first no.
const verdicts = reserved.host.profile.diagnose(reserved.host, define) ?? [];
console.log(verdicts.filter(({ outcome }) => outcome.verdict === 'refuse').map(({ rule }) => rule));

console.log(checkInvariants(reserved.host)); // []
