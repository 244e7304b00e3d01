import { expect, test } from 'bun:test';
import { pricedRecord } from '../../test/support/records.ts';
import type { PricedRecord } from '../core/ledger/record-sink.ts';
import { costSums } from '../storage/records/cost-sums.ts';
import { tableOf } from '../storage/records/write-record.ts';
import { CostMetrics } from './cost-metrics.ts';
import { exposition } from './exposition.ts';
import { Metrics } from './metrics.ts';

function collect(take: (sink: CostMetrics) => void): string {
  const metrics = new Metrics();
  take(new CostMetrics(metrics));
  return exposition([metrics.collect()]);
}

const costs = (...records: readonly PricedRecord[]) => costSums(tableOf(records));

const LABELS = 'endpoint="chat",provider="openai",model="gpt-4o"';

test('adds up cost exactly, and shows it in dollars', () => {
  const tenth = 100_000_000_000n;
  const text = collect((sink) => sink.take(costs(...Array.from({ length: 10 }, () => pricedRecord({}, tenth)))));
  expect(text).toContain(`sluice_cost_usd_total{${LABELS}} 1\n`);
});

test('never takes an unknown cost for nothing, and says why it is unknown', () => {
  const text = collect((sink) => {
    sink.take(costs(pricedRecord({}, null), pricedRecord({ status: 500, usage: null }, null)));
  });
  expect(text).toContain(`sluice_unpriced_requests_total{${LABELS},reason="unknown_model"} 1\n`);
  expect(text).toContain(`sluice_cost_usd_total{${LABELS}} 0\n`);
});

test('compares only the requests whose cost the provider told', () => {
  const text = collect((sink) => {
    sink.take(costs(pricedRecord({ providerCost: '0.3' }, 200_000_000_000n), pricedRecord({}, 900_000_000_000n)));
  });
  expect(text).toContain(`sluice_cost_compared_usd_total{${LABELS}} 0.2\n`);
  expect(text).toContain(`sluice_cost_reported_usd_total{${LABELS}} 0.3\n`);
});

test('takes no label from a request: what the client or the provider names stays out', () => {
  const text = collect((sink) => {
    const caller = { address: '1.2.3.4', userAgent: 'ua', user: 'anna', team: 'red', key: 'k', tags: { a: 'tagged' } };
    sink.take(costs(pricedRecord({ servedModel: 'served', caller })));
  });
  for (const word of ['served', 'anna', 'red"', '1.2.3.4', 'tagged', 'ua']) expect(text).not.toContain(word);
});
