/** Where the capacity is at the end: who holds it, and what nobody can use and why. */

import { counted } from '../../core/units/counted.js';
import { formatMib } from '../../core/units/size.js';
import type { Capacity, Share, Stranded } from '../record.js';
import { INDENT, type Line, section, span } from './line.js';
import { percentText } from './percent.js';
import type { Style } from './style.js';
import { type Column, table } from './table.js';

const HOLDERS: readonly { readonly key: Exclude<keyof Share, 'total'>; readonly label: string }[] =
  [
    { key: 'enclaves', label: 'enclaves' },
    { key: 'poolFree', label: 'pool, unused' },
    { key: 'parent', label: 'parent' },
    { key: 'leaked', label: 'leaked' },
  ];
/** Below this width the shares in per cent are left out. */
const ROOM_FOR_SHARES = 48;

/** The two tables; amounts are exact, shares are rounded to a tenth of a per cent. */
export function capacityTables({ vcpus, memoryMib, stranded }: Capacity, style: Style): Line[] {
  const wide = style.width >= ROOM_FOR_SHARES;
  const row = (label: string, cpu: number, mib: number) => [
    span(label),
    span(String(cpu)),
    ...(wide ? [span(percentText(cpu, vcpus.total, 1), 'quiet')] : []),
    span(formatMib(mib)),
    ...(wide ? [span(percentText(mib, memoryMib.total, 1), 'quiet')] : []),
  ];
  const columns: Column[] = [
    { title: 'held by' },
    { title: 'vCPUs', align: 'right' },
    ...(wide ? [{ title: '%', align: 'right' as const }] : []),
    { title: 'memory', align: 'right' },
    ...(wide ? [{ title: '%', align: 'right' as const }] : []),
  ];
  const rows = HOLDERS.flatMap(({ key, label }) => {
    const [cpu, mib] = [vcpus[key] ?? 0, memoryMib[key] ?? 0];
    return key === 'leaked' && mib === 0 ? [] : [row(label, cpu, mib)];
  });
  const total = row('total', vcpus.total, memoryMib.total);
  return [
    ...section('Capacity', table(columns, [...rows, total], style, INDENT), style),
    ...section('Stranded', strandedTable(stranded, style), style),
  ];
}

function strandedTable(stranded: readonly Stranded[], style: Style): Line[] {
  const rows = stranded
    .filter(({ amount }) => amount > 0)
    .map(({ reason, unit, amount, sentence }) => [
      span(unit === 'MiB' ? formatMib(amount) : counted(amount, 'vCPU'), 'warn'),
      span(reason.replace('-', ' ')),
      span(sentence, 'quiet'),
    ]);
  if (rows.length === 0) return [];
  const columns = [
    { title: '', align: 'right' as const },
    { title: '' },
    { title: '', wrap: true },
  ];
  return table(columns, rows, style, INDENT);
}
