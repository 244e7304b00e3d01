import { parseDollars } from '../../core/ledger/money.ts';
import type { Picodollars } from '../../core/ledger/pricing.ts';
import type { CostSum } from '../../core/ledger/record-sink.ts';
import { readBillShape } from './bills.ts';
import { readShape } from './read-record.ts';
import { FLAG, type RecordColumns } from './record-columns.ts';

interface OpenSum extends CostSum {
  /** Not yet part of `cost`; far below what a number holds exactly. */
  small: number;
  cost: Picodollars;
  compared: Picodollars;
  reported: Picodollars;
  readonly unpriced: Map<string, number>;
}

const LARGE = 2 ** 50;

/** What requests cost, by what they have in common. Those that came to no endpoint cost nothing. */
export function costSums(records: RecordColumns): readonly CostSum[] {
  const shapes = records.text('shape');
  const flags = records.number('flags');
  const costs = records.number('cost');
  const reported = records.text('providerCost');
  const sums: (OpenSum | null)[] = shapes.values.map((text) => (text === null ? null : open(text)));
  for (let index = 0; index < records.size; index++) {
    const sum = sums[shapes.places[index] ?? 0] ?? null;
    if (sum === null) continue;
    const flag = flags[index] ?? 0;
    if ((flag & FLAG.priced) === 0) countUnpriced(records, index, sum);
    else if (reported.places[index] || (flag & FLAG.extras) !== 0) addExactly(records, index, sum);
    else addSmall(sum, costs[index] ?? 0);
  }
  return sums.flatMap((sum) => (sum === null ? [] : [closed(sum)]));
}

function open(text: string): OpenSum | null {
  const { endpoint, provider, model } = readShape(text);
  if (endpoint === null) return null;
  return { endpoint, provider, model, small: 0, cost: 0n, compared: 0n, reported: 0n, unpriced: new Map() };
}

function addSmall(sum: OpenSum, cost: number): void {
  sum.small += cost;
  if (sum.small > LARGE) closed(sum);
}

function closed(sum: OpenSum): OpenSum {
  sum.cost += BigInt(sum.small);
  sum.small = 0;
  return sum;
}

function addExactly(records: RecordColumns, index: number, sum: OpenSum): void {
  const cost = BigInt(records.extras(index)?.cost ?? records.number('cost')[index] ?? 0);
  sum.cost += cost;
  const { values, places } = records.text('providerCost');
  const told = values[places[index] ?? 0] ?? null;
  const reported = told === null ? null : parseDollars(told);
  if (reported === null) return;
  sum.compared += cost;
  sum.reported += reported;
}

function countUnpriced(records: RecordColumns, index: number, sum: OpenSum): void {
  const wasServed = ((records.number('flags')[index] ?? 0) & FLAG.counted) !== 0;
  if (!wasServed && (records.number('status')[index] ?? 0) >= 400) return;
  const { values, places } = records.text('bill');
  const bill = values[places[index] ?? 0] ?? null;
  const reason = (bill === null ? null : readBillShape(bill).reason) ?? 'unknown';
  sum.unpriced.set(reason, (sum.unpriced.get(reason) ?? 0) + 1);
}
