/** `hypercarve verify` as a user calls it: exit codes, what goes where, a trail that replays. */
import { describe, expect, it } from 'vitest';
import { verify } from '../../scenarios/cli/verify.js';
import { recordedStreams } from '../scenarios/cli/recorded-streams.js';

describe('verify', () => {
  it('a scope that is not there: exit 2, the list of scopes on standard error', async () => {
    const streams = recordedStreams();
    expect(await verify({ scope: 'nope' }, streams)).toBe(2);
    expect(streams.stderr()).toContain('qingtian-2x4x2x2');
    expect(streams.stdout()).toBe('');
  });

  it('a search that gives up: exit 1, and the table says so', async () => {
    const streams = recordedStreams();
    const options = { scope: 'nitro-2x4x2x2', maxStates: '200' };
    expect(await verify(options, streams)).toBe(1);
    expect(streams.stdout()).toContain('not explored whole');
  });

  it('--json: one document and nothing else', async () => {
    const streams = recordedStreams();
    await verify({ scope: 'qingtian-three', maxStates: '200', json: true }, streams);
    const { runs } = JSON.parse(streams.stdout());
    expect(runs).toHaveLength(1);
    expect(runs[0].complete).toBe(false);
  });
});
