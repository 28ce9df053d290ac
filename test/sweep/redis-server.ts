/** A real Redis of a test's own: a free port, a folder that outlives its death, nothing else shared. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Why there is none, or undefined. */
export function whyNoRedis(): string | undefined {
  const { error, status } = spawnSync('redis-server', ['--version']);
  if (error === undefined && status === 0) return undefined;
  return 'redis-server is not on PATH (Debian: apt-get install redis-server)';
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Resolves once it takes connections. What was written survives its death when `folder` does. */
export async function startRedis(port: number, folder: string): Promise<ChildProcess> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
  const server = spawn('redis-server', [...args, ...durable], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.stdout.on('data', (text) => {
      log += text;
      if (log.includes('Ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`redis-server ended: ${log}`)));
  });
  return server;
}
