/**
 * allocator.yaml a second time: line by line with the regular expressions of the rule book.
 *
 * Invariant: shares no code with core/. Trade-off: a backslash before a blank is not modelled, and
 * the random files have none. Source: rule book of Nitro, §4.1.1.
 */
export type NaiveConfig = { reason: string } | { memory: string; count?: string; pool?: string };

const KEYS = ['memory_mib', 'cpu_count', 'cpu_pool'];

export function naiveConfig(text: string): NaiveConfig {
  const found = new Map<string, string>();
  const lines = text.replace(/\\\n/g, '').replace(/\\(.)/g, '$1').split('\n').slice(0, -1);
  let started = false;
  for (const raw of lines) {
    const line = raw.replace(/^[ \t]+|[ \t]+$/g, '');
    const echoed = /^-[neE]+$/.test(line) ? '' : line;
    if (/^[ \t\r]*#/.test(echoed)) continue;
    if (line === '---') {
      started = true;
      continue;
    }
    if (!started) continue;
    const key = /^[-_a-zA-Z0-9]*/.exec(echoed)?.[0] ?? '';
    if (!KEYS.includes(key)) return { reason: 'config-unexpected-key' };
    const value = echoed
      .replace(/^.*:/, '')
      .replace(/[ \t\r]+"?/, '')
      .replace(/"$/, '');
    if (value === '') return { reason: 'config-missing-value' };
    found.set(key, value);
  }
  const [memory, count, pool] = KEYS.map((key) => found.get(key));
  if (memory === undefined) return { reason: 'config-missing-memory' };
  if (count === undefined && pool === undefined) return { reason: 'config-missing-cpu' };
  if (count !== undefined && pool !== undefined) return { reason: 'config-conflict' };
  return { memory, ...(count === undefined ? { pool } : { count }) };
}
