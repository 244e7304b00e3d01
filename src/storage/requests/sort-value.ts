import type { SortField } from '../ledger-queries.ts';
import { FLAG, type NumberColumnName, type RecordColumns } from '../records/record-columns.ts';
import { completionTokens, promptTokens } from './token-sums.ts';

type SortValue = (records: RecordColumns) => (index: number) => number;

/**
 * Whole numbers; what has no value comes before 0. Costs that are too large for a number are in the order of the numbers
 * next to them.
 */
const SORTED: Readonly<Record<Exclude<SortField, 'time'>, SortValue>> = {
  status: column('status'),
  attempts: column('attempts'),
  duration: column('duration'),
  // The column has one more than the value already.
  first_token: column('firstToken', -1),
  overhead: column('overhead'),
  prompt_tokens: (records) => promptTokens(records, -1),
  completion_tokens: (records) => completionTokens(records, -1),
  cost: (records) => {
    const flags = records.number('flags');
    const values = records.number('cost');
    return (index) => ((flags[index] ?? 0) & FLAG.priced ? (values[index] ?? 0) : -1);
  },
  request_bytes: column('requestBytes'),
  response_bytes: column('responseBytes'),
};

/** What rows are sorted by; null where that is their time. */
export function sortValueOf(field: SortField): SortValue | null {
  return field === 'time' ? null : SORTED[field];
}

function column(name: NumberColumnName, plus = 0): SortValue {
  return (records) => {
    const values = records.number(name);
    return (index) => (values[index] ?? 0) + plus;
  };
}
