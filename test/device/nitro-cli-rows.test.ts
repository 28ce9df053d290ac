/** Every rule row of nitro-cli at its edge: what just passes, what does not, and the operands told. */
import { describe, expect, it } from 'vitest';
import { CLI_ERRORS, explainCode } from '../../core/device/nitro-cli/codes.js';
import { plainImage } from '../../core/device/nitro-cli/request.js';
import { NITRO_CLI_RULES } from '../../core/device/nitro-cli/rules.js';
import type { Numbers } from '../../core/refusal/refusal.js';

const MIB = 2 ** 20;
const SHAPE = { eif_path: 'a.eif', memory_mib: 64 };

interface Edge {
  readonly rule: string;
  readonly code: string;
  readonly passes: readonly unknown[];
  /** [what is refused, with which operands]. */
  readonly refuses: readonly (readonly [context: unknown, numbers: Numbers])[];
}

const edge = (
  rule: string,
  code: string,
  passes: Edge['passes'],
  ...refuses: Edge['refuses']
): Edge => ({ rule, code, passes, refuses });

/** A text as a value row sees it: refused under the name of its option. */
const refused = (option: string, ...texts: readonly string[]) =>
  texts.map((text) => [text, { [option]: text }] as const);

const signed = (signature: string) => [{ signature }, { signature }] as const;
const ids = (...list: readonly number[]) => ({ asked: { ids: list }, pool: [1, 2] });
const count = (number: number) => ({ asked: { count: number }, pool: [1, 2] });
const taken = (requestedMib: bigint, missingBytes: bigint, gotMib: bigint) => {
  return { requestedMib, missingBytes, gotMib };
};
const booted = (heartbeat: string, poll: number) => ({ heartbeat, poll, timeoutMs: 9 });
const process = { name: 'web', image: plainImage(1) };

const EDGES: readonly Edge[] = [
  edge('config-opens', 'E19', [{ path: 'c', content: '' }], [{ path: 'c' }, { path: 'c' }]),
  edge(
    'config-shape',
    'E17',
    [{ json: SHAPE }, { json: { ...SHAPE, cpu_count: null, cpu_ids: [1], enclave_name: 'a' } }],
    [{ json: undefined }, {}],
    [{ json: null }, {}],
    [{ json: 7 }, {}],
    [{ json: { ...SHAPE, eif_path: 7 } }, { field: 'eif_path' }],
    [{ json: { ...SHAPE, memory_mib: -1 } }, { field: 'memory_mib' }],
    [{ json: { ...SHAPE, memory_mib: 1.5 } }, { field: 'memory_mib' }],
    [{ json: { ...SHAPE, memory_mib: 2 ** 64 } }, { field: 'memory_mib' }],
    [{ json: { ...SHAPE, enclave_cid: '4' } }, { field: 'enclave_cid' }],
    [{ json: { ...SHAPE, cpu_ids: 1 } }, { field: 'cpu_ids' }],
    [{ json: { ...SHAPE, cpu_ids: [1, 'x'] } }, { field: 'cpu_ids' }],
    [{ json: { ...SHAPE, cpu_count: 2 ** 32 } }, { field: 'cpu_count' }],
    [{ json: { ...SHAPE, debug_mode: 'yes' } }, { field: 'debug_mode' }],
    [{ json: { ...SHAPE, attach_console: null } }, { field: 'attach_console' }],
    [{ json: { ...SHAPE, enclave_name: 7 } }, { field: 'enclave_name' }],
  ),
  edge(
    'config-cpus',
    'E01',
    [{ json: { cpu_count: 0 } }, { json: { cpu_ids: [] } }],
    [{ json: { cpu_count: null } }, {}],
  ),
  edge(
    'config-one-of',
    'E02',
    [{ json: { cpu_count: 1, cpu_ids: null } }, { json: { cpu_ids: [1] } }],
    [{ json: { cpu_count: 1, cpu_ids: [1] } }, {}],
  ),
  edge(
    'cpu-count-number',
    'E03',
    ['0', '+2', '4294967295'],
    ...refused('cpu-count', '', '-1', '++1', '1.0', '4294967296'),
  ),
  edge(
    'cid-number',
    'E03',
    ['0', '+18446744073709551615'],
    ...refused('cid', '', '-1', '4 ', '18446744073709551616'),
  ),
  edge('cid-well-known', 'E03', ['0', '3'], ...refused('cid', '1', '+2')),
  edge('cid-any', 'E03', ['4294967294', '4294967296'], ...refused('cid', '4294967295')),
  edge('cid-parent', 'E03', ['2', '4'], ...refused('cid', '3', '+3')),
  edge('cid-width', 'E03', ['4294967295'], ...refused('cid', '4294967296')),
  edge(
    'memory-number',
    'E03',
    ['0', '18446744073709551615G'],
    ...refused('memory', '', 'M', '-1', '٣', '1٣', '18446744073709551616'),
  ),
  edge(
    'memory-unit',
    'E03',
    ['1', '1M', '1m', '1G', '1g', '1T', '1t'],
    ...refused('memory', '1K', '1MB', '1 ', '1toString'),
  ),
  edge(
    'cpu-ids-number',
    'E03',
    ['0', '+2', '4294967295'],
    ...refused('cpu-ids', 'x', '4294967296'),
  ),
  edge(
    'image-opens',
    'E19',
    [{ path: 'a', opens: true }],
    [{ path: 'a', opens: false }, { path: 'a' }],
  ),
  edge('pool-file-opens', 'E19', [{ opens: true }], [{ opens: false }, { file: 'ne_cpus' }]),
  edge('pool-interval', 'E24', [['1'], ['1', '2']], [['1', '2', '3'], { interval: '1-2-3' }]),
  edge(
    'pool-number',
    'E23',
    [['1', '+2'], ['\t 3 '], ['4294967295']],
    [['1', 'N'], { text: 'N' }],
    [[''], { text: '' }],
    [['++1'], { text: '++1' }],
    [['4294967296'], { text: '4294967296' }],
  ),
  edge('cpu-ids-unique', 'E20', [ids(1, 2), count(9)], [ids(1, 2, 1, 1), { duplicates: 2 }]),
  edge('cpu-ids-in-pool', 'E21', [ids(2, 1), count(9)], [ids(9, 1, 3), { cpu: 3 }]),
  edge(
    'cpu-count-in-pool',
    'E22',
    [count(2), ids(1, 2, 3)],
    [count(3), { requested: 3, maximum: 2 }],
  ),
  edge(
    'memory-for-image',
    'E26',
    [
      { memoryMib: 4n, imageBytes: MIB },
      { memoryMib: 2n ** 44n, imageBytes: 0 },
    ],
    [
      { memoryMib: 3n, imageBytes: MIB },
      { memoryMib: '3', imageBytes: MIB, minimumMib: '4' },
    ],
    [
      { memoryMib: 4n, imageBytes: MIB + 1 },
      { memoryMib: '4', imageBytes: MIB + 1, minimumMib: '8' },
    ],
    [
      { memoryMib: 4n, imageBytes: 2n ** 60n },
      { memoryMib: '4', imageBytes: `${2n ** 60n}`, minimumMib: `${2n ** 42n}` },
    ],
  ),
  edge('device-opens', 'E19', [{ opens: true }], [{ opens: false }, { file: 'nitro_enclaves' }]),
  edge(
    'memory-not-zero',
    'E26',
    [{ memoryMib: 1n }],
    [{ memoryMib: 0n }, { memoryMib: '0' }],
    [{ memoryMib: 2n ** 44n }, { memoryMib: `${2n ** 44n}` }],
  ),
  edge(
    'image-signature',
    'E59',
    [{ signature: 'none' }, { signature: 'valid' }],
    signed('invalid'),
    signed('unreadable'),
  ),
  edge(
    'pages-cover-request',
    'E27',
    [taken(64n, 0n, 64n), taken(64n, -1n, 64n)],
    [taken(64n, 1n, 63n), { requestedMib: '64', missingMib: '0' }],
    [taken(64n, BigInt(2 * MIB), 62n), { requestedMib: '64', missingMib: '2' }],
  ),
  edge(
    'pages-enough',
    'E27',
    [taken(64n, 0n, 64n)],
    [taken(64n, 0n, 63n), { requestedMib: '64', gotMib: '63' }],
  ),
  edge(
    'image-page-backed',
    'E35',
    [{ address: 5, placed: true }],
    [{ address: 5, placed: false }, { address: 5 }],
  ),
  edge(
    'ready-port-free',
    'E36',
    [{ bound: true, listener: 7 }],
    [
      { bound: false, listener: 7 },
      { port: 9000, listener: 7 },
    ],
  ),
  edge(
    'heartbeat-in-time',
    'E36',
    [booted('ok', 0), booted('wrong', 1)],
    [booted('none', 0), { timeoutMs: 9 }],
    [booted('ok', 17), { timeoutMs: 9 }],
  ),
  edge('heartbeat-byte', 'E36', [booted('ok', 0)], [booted('wrong', 0), { expected: '0xB7' }]),
  edge(
    'image-measured',
    'E35',
    [process],
    [{ ...process, image: { bytes: 1, signature: 'none' } }, { enclave: 'web' }],
  ),
  edge(
    'name-known',
    'E58',
    [{ asked: 'web', found: [process] }],
    [
      { asked: 'web', found: [] },
      { name: 'web', matches: 0 },
    ],
    [
      { asked: 'web', found: [process, process] },
      { name: 'web', matches: 2 },
    ],
  ),
  edge(
    'id-known',
    'E11',
    [{ asked: 'i-enc1', found: [process] }],
    [{ asked: 'i', found: [] }, { id: 'i' }],
  ),
];

const ruleOf = (id: string) => NITRO_CLI_RULES.find((row) => row.id === `nitro-cli.${id}`);

describe('rule rows of nitro-cli', () => {
  it('are these, in the order a launch meets them', () => {
    expect(NITRO_CLI_RULES.map(({ id, codes }) => [id, ...codes])).toEqual(
      EDGES.map(({ rule, code }) => [`nitro-cli.${rule}`, code]),
    );
  });

  it.each(EDGES)('$rule ($code)', ({ rule, passes, refuses }) => {
    const check = ruleOf(rule)?.check as ((context: unknown) => unknown) | undefined;
    expect(passes.map((context) => check?.(context))).toEqual(
      passes.map(() => ({ verdict: 'pass' })),
    );
    expect(refuses.map(([context]) => check?.(context))).toEqual(
      refuses.map(([, numbers]) => ({ verdict: 'refuse', numbers, message: expect.any(String) })),
    );
  });

  it('an image that is no EIF is told apart from one whose certificate does not hold', () => {
    const told = (signature: string) =>
      ruleOf('image-signature')?.check({ signature } as never) as { readonly message: string };
    expect(told('invalid').message).toContain('signing certificate');
    expect(told('unreadable').message).toContain('signature checker');
  });

  it('each says where it is written, and what to do', () => {
    for (const { source, sentence, remedy, layer, checkedAt } of NITRO_CLI_RULES) {
      expect(source).toMatch(/^nitro RULES\.md §[56]\.\d/);
      expect([sentence, remedy].every((text) => /^.+\.$/.test(text))).toBe(true);
      expect([layer, checkedAt]).toEqual(['cli', 'cli']);
    }
  });

  it('the rows that enact each requirement', () => {
    const rows: Record<string, string[]> = {};
    for (const { id, requirements } of NITRO_CLI_RULES) {
      for (const one of requirements) rows[one] = [...(rows[one] ?? []), id.slice(10)];
    }
    expect(rows).toEqual({
      N11: [
        ...['config-shape', 'cpu-count-number', 'cid-number', 'cid-well-known', 'cid-any'],
        ...['cid-parent', 'cid-width', 'memory-number', 'memory-unit', 'cpu-ids-number'],
        ...['cpu-ids-unique', 'memory-for-image', 'memory-not-zero'],
      ],
      N12: ['cpu-ids-in-pool', 'cpu-count-in-pool', 'pages-cover-request', 'pages-enough'],
      N14: ['heartbeat-in-time', 'heartbeat-byte'],
    });
  });
});

describe('codes of nitro-cli', () => {
  // nitro RULES.md §5.7, E00 to E60
  const NAMES = `UnspecifiedError MissingArgument ConflictingArgument InvalidArgument
    SocketPairCreationFailure ProcessSpawnFailure DaemonizeProcessFailure ReadFromDiskFailure
    UnusableConnectionError SocketCloseError SocketConnectTimeoutError SocketError EpollError
    InotifyError InvalidCommand LockAcquireFailure ThreadJoinFailure SerdeError
    FilePermissionsError FileOperationFailure InvalidCpuConfiguration NoSuchCpuAvailableInPool
    InsufficientCpus MalformedCpuId CpuError NoSuchHugepageFlag InsufficientMemoryRequested
    InsufficientMemoryAvailable InvalidEnclaveFd IoctlFailure IoctlImageLoadInfoFailure
    IoctlSetMemoryRegionFailure IoctlAddVcpuFailure IoctlEnclaveStartFailure MemoryOverflow
    EifParsingError EnclaveBootFailure EnclaveEventWaitError EnclaveProcessCommandNotExecuted
    EnclaveProcessConnectionFailure SocketPathNotFound EnclaveProcessSendReplyFailure
    EnclaveMmapError EnclaveMunmapError EnclaveConsoleConnectionFailure EnclaveConsoleReadError
    EnclaveConsoleWriteOutputError IntegerParsingError EifBuildingError DockerImageBuildError
    DockerImagePullError ArtifactsPathNotSet BlobsPathNotSet ClockSkewError SignalMaskingError
    SignalUnmaskingError LoggerError HasherError EnclaveNamingError EIFSignatureCheckerError
    EIFSigningError`.split(/\s+/);

  it('have the program’s names, a meaning and a remedy each', () => {
    expect(CLI_ERRORS.map(({ name }) => name)).toEqual(NAMES);
    for (const { meaning, remedy } of CLI_ERRORS) {
      expect(meaning).toMatch(/\w+ \w+/);
      expect(remedy).toMatch(/\w+ \w+.*\.$/);
    }
    const logged = CLI_ERRORS.filter(({ remedy }) => /report it with the log/.test(remedy));
    expect(logged.length).toBeGreaterThan(0);
    for (const { remedy } of logged) expect(remedy).toContain('/var/log/nitro_enclaves/');
    expect(explainCode('E27')).toMatch(/^InsufficientMemoryAvailable: \w+ \w+/);
  });
});
