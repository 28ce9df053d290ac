/** What `fleet` remarks on standard error before a run: why nothing can run there, and only then. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { fleet } from '../../scenarios/cli/fleet.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'hypercarve-remarks-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const CHURN = readFileSync(
  fileURLToPath(new URL('../../scenarios/library/fleets/churn.yaml', import.meta.url)),
  'utf8',
).replace('requests: 3000', 'requests: 30');
const RESERVATION = /\n {4}reservation: .*/;

async function run(text: string) {
  const file = join(FOLDER, 'fleet.yaml');
  writeFileSync(file, text);
  const streams = recordedStreams();
  const code = await fleet(file, { json: true }, streams);
  const { accepted } = JSON.parse(streams.stdout()).result;
  return { code, accepted, err: streams.stderr().replace(/^fleet: \d+ of .*\n/gm, '') };
}

function on(platform: string): string {
  const text = CHURN.replace('platform: qingtian', `platform: ${platform}`);
  if (platform === 'qingtian') return text;
  // Nitro reserves page by page: little memory, for the sake of time.
  return text
    .replace(/\noptions: .*/, '')
    .replace('pageSize: 1GiB, ', '')
    .replace('count: 8', 'count: 1')
    .replace('384GiB', '4GiB')
    .replace('376GiB', '2GiB')
    .replace('8GiB', '128MiB');
}

describe('fleet: remarks', () => {
  // Found bug: asked after the reservation, which had taken the cores that were looked for.
  it('a Nitro fleet on which enclaves run is not said to fit none', async () => {
    const { code, accepted, err } = await run(on('nitro'));
    expect([code, err]).toEqual([0, '']);
    expect(accepted).toBeGreaterThan(0);
  });

  it('a Nitro parent of one core fits none, and that is all that is said', async () => {
    const { err } = await run(on('nitro').replace('0-47', '0-1').replace(RESERVATION, ''));
    expect(err).toBe('fleet: custom: no enclave fits this parent\n');
  });

  // Found bug: every ask refused by `fleet-vcpus`, as on a fleet that is full.
  it.each([
    ['qingtian', 'memory, cpuCount, pageSize'],
    ['nitro', 'memory, cpuCount'],
  ])('%s without a reservation: nothing gets in', async (platform, needed) => {
    const { accepted, err } = await run(on(platform).replace(RESERVATION, ''));
    expect(accepted).toBe(0);
    expect(err).toBe(
      'fleet: fleet[0]: nothing is reserved on these parents, so no enclave gets in; ' +
        `add a \`reservation\` (${needed})\n`,
    );
  });

  it('nothing of the kind where parents reserve nothing, or one does later', async () => {
    const plain = await run(on('vm').replace(RESERVATION, ''));
    const later = `parentEvents: [{at: 0, parent: 7, what: reserve, reservation: {memory: 376GiB, pageSize: 1GiB, cpuCount: 46}}]\nworkload:`;
    const anew = await run(CHURN.replace(RESERVATION, '').replace('workload:', later));
    expect([plain.err, anew.err]).toEqual(['', '']);
    expect(plain.accepted > 0 && anew.accepted > 0).toBe(true);
  });
});
