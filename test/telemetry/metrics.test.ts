import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { type MetricFamily, readExposition } from '../support/exposition.ts';
import { eventually, type RunningGateway } from '../support/gateway.ts';
import { scrape, startObserved } from '../support/observed-gateway.ts';
import { promtool } from '../support/promtool.ts';

let gateway: RunningGateway;
let stop: () => Promise<void>;
let text: string;
let families: MetricFamily[];

beforeAll(async () => {
  const observed = await startObserved();
  ({ gateway, stop } = observed);
  await observed.traffic();
  await eventually('the ledger has caught up', async () => (await scrape(gateway)).includes('sluice_cost_usd_total{'));
  text = await scrape(gateway);
  families = readExposition(text);
});
afterAll(() => stop());

const samplesOf = (name: string) => families.find((family) => family.name === name)?.samples ?? [];

function value(name: string, labels: Readonly<Record<string, string>>): number | undefined {
  const matches = (sample: { labels: Readonly<Record<string, string>> }) =>
    Object.entries(labels).every(([label, wanted]) => sample.labels[label] === wanted);
  const found = families.flatMap(({ samples }) => samples).filter((sample) => sample.name === name && matches(sample));
  return found.length === 0 ? undefined : found.reduce((sum, sample) => sum + sample.value, 0);
}

describe('/metrics', () => {
  test('is what Prometheus reads', async () => {
    expect(families.length).toBeGreaterThan(20);
    for (const { name, samples } of families) {
      for (const sample of samples) expect([name, Number.isFinite(sample.value)]).toEqual([name, true]);
    }
    const check = promtool(['check', 'metrics'], text);
    if (check !== null) expect(check).toEqual({ code: 0, output: '' });
  });

  test('names as the conventions want it: counters end in _total, nothing else does', () => {
    for (const { name, type } of families) {
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'COUNTER']);
      expect(name).toMatch(/^(?:sluice|process)_[a-z0-9_]+$/);
      expect(name).not.toMatch(/_(?:ms|milliseconds|kb|mb|count)(?:_|$)/);
    }
  });

  test('every histogram is whole: buckets grow up to the count', () => {
    const histograms = families.filter(({ type }) => type === 'HISTOGRAM');
    expect(histograms.length).toBeGreaterThanOrEqual(5);
    for (const { name, samples } of histograms) {
      const series = Map.groupBy(
        samples.filter((sample) => sample.name === `${name}_bucket`),
        ({ labels: { le: _, ...labels } }) => JSON.stringify(labels),
      );
      for (const [labels, buckets] of series) {
        const values = buckets.map((bucket) => bucket.value);
        expect([name, values]).toEqual([name, values.toSorted((left, right) => left - right)]);
        expect(buckets.at(-1)?.labels.le).toBe('+Inf');
        expect(value(`${name}_count`, JSON.parse(labels))).toBe(values.at(-1) ?? -1);
      }
    }
  });

  test('counts requests and failures by whose they are', () => {
    expect(value('sluice_requests_total', { endpoint: 'chat', provider: 'openai', model: 'm', status: '200' })).toBe(3);
    expect(value('sluice_errors_total', { endpoint: 'broken', class: 'upstream', code: 'upstream_error' })).toBe(1);
    expect(value('sluice_errors_total', { endpoint: 'chat', class: 'client', code: 'rate_limited' })).toBeUndefined();
    expect(value('sluice_errors_total', { class: 'client', code: 'invalid_request' })).toBeGreaterThanOrEqual(1);
  });

  // An increase is seen only of what was there before.
  test('has failures inside the gateway from the start, at 0', () => {
    for (const endpoint of ['chat', 'priced', '']) {
      expect(value('sluice_errors_total', { endpoint, class: 'gateway', code: 'internal' })).toBe(0);
    }
  });

  test('counts what reaches no endpoint too', () => {
    expect(value('sluice_errors_total', { endpoint: '', class: 'client', code: 'not_found' })).toBe(1);
  });

  test('has tokens in buckets that add up', () => {
    const types = samplesOf('sluice_tokens_total').filter(({ labels }) => labels.endpoint === 'chat');
    const byType = Object.fromEntries(types.map(({ labels, value }) => [labels.type, value]));
    expect(byType).toEqual({ input: 18, cache_read: 12, output: 9, reasoning: 6 });
  });

  test('measures streams by their first token and the gaps after it', () => {
    expect(value('sluice_time_to_first_token_seconds_count', { endpoint: 'chat' })).toBe(1);
    expect(value('sluice_inter_token_seconds_count', { endpoint: 'chat' })).toBe(1);
  });

  test('has the cost of what has a price, and says of the rest that its cost is unknown', () => {
    expect(value('sluice_cost_usd_total', { endpoint: 'priced' })).toBeGreaterThan(0);
    expect(value('sluice_unpriced_requests_total', { endpoint: 'chat', reason: 'unknown_model' })).toBe(3);
  });

  test('tells of the process', () => {
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'sluice_build_info']) {
      expect(value(name, {})).toBeGreaterThan(0);
    }
    if (process.platform === 'linux') expect(value('process_open_fds', {})).toBeGreaterThan(5);
  });

  test('has no label from a request', () => {
    expect(text).not.toContain('CANARY');
  });
});
