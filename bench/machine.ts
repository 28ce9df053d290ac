/** What the figures were measured on; recorded with every result. Reads only what Node tells. */
import { cpus, loadavg } from 'node:os';

export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cpus: number;
  /** One-minute load average. */
  readonly load: number;
  readonly platform: string;
}

export function machineNow(): Machine {
  const all = cpus();
  return {
    node: process.version,
    cpu: all[0]?.model ?? 'unknown',
    cpus: all.length,
    load: Math.round(loadavg()[0] * 100) / 100,
    platform: `${process.platform} ${process.arch}`,
  };
}
