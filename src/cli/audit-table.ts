import type { AuditEntry } from '../core/audit/audit-chain.ts';
import { formatTime } from './terminal/format.ts';
import { type TableColumn, type Terminal, table } from './terminal/table.ts';

const HASH_LENGTH = 8;

export function auditTable(entries: readonly AuditEntry[], timeZone: string, terminal: Terminal): string {
  const columns: ReadonlyArray<TableColumn<AuditEntry>> = [
    { title: 'seq', align: 'right', cell: ({ sequence }) => String(sequence) },
    { title: 'time', cell: ({ time }) => formatTime(time, timeZone).slice(0, 19) },
    { title: 'actor', least: 6, cell: ({ actor }) => actor },
    { title: 'action', cell: ({ action }) => action },
    { title: 'object', least: 8, dispensable: 1, cell: ({ object }) => object ?? '' },
    {
      title: 'outcome',
      cell: ({ outcome }) => outcome,
      colour: ({ outcome }) => (outcome === 'ok' ? null : outcome === 'denied' ? 'yellow' : 'red'),
    },
    { title: 'address', dispensable: 3, cell: ({ address }) => address ?? '' },
    { title: 'details', least: 10, dispensable: 2, cell: ({ details }) => textOf(details) },
    { title: 'hash', dispensable: 4, cell: ({ hash }) => hash.slice(0, HASH_LENGTH), colour: () => 'dim' },
  ];
  return table(columns, entries, terminal);
}

function textOf(details: AuditEntry['details']): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
