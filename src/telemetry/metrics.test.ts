import { describe, expect, test } from 'bun:test';
import parsePrometheus from 'parse-prometheus-text-format';
import { exposition } from './exposition.ts';
import { Metrics, MOST_LABEL_SETS } from './metrics.ts';

describe('the exposition', () => {
  test('is read back by a parser, whatever the labels hold', () => {
    const metrics = new Metrics();
    const hostile = 'a "quoted" \\ back\nline, {brace}=1 é';
    metrics.counter('sluice_requests_total', 'Requests.', { endpoint: hostile }).add(3);
    const histogram = metrics.histogram('sluice_wait_seconds', 'Waits.', [0.1, 1], { endpoint: 'a' });
    for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value);
    metrics.gauge('sluice_size', 'Size.', () => 2.5);
    const families = parsePrometheus(exposition([metrics.collect()]));
    expect(families.map(({ name, type }) => [name, type])).toEqual([
      ['sluice_requests_total', 'COUNTER'],
      ['sluice_wait_seconds', 'HISTOGRAM'],
      ['sluice_size', 'GAUGE'],
    ]);
    expect(families[0]?.metrics).toEqual([{ value: '3', labels: { endpoint: hostile } }]);
    // This parser leaves out what a histogram with labels has beside its buckets.
    expect(families[1]?.metrics).toEqual([{ buckets: { '0.1': '2', '1': '3', '+Inf': '4' } }]);
    expect(families[2]?.metrics).toEqual([{ value: '2.5' }]);
  });

  test('adds up what each thread collected', () => {
    const threads = [1, 2, 4].map((amount) => {
      const metrics = new Metrics();
      metrics.counter('sluice_requests_total', 'Requests.', { endpoint: 'a' }).add(amount);
      return metrics.collect();
    });
    expect(exposition(threads)).toContain('sluice_requests_total{endpoint="a"} 7\n');
  });
});

describe('a family with too many label sets', () => {
  test('adds up the rest in one that says other', () => {
    const metrics = new Metrics();
    for (let index = 0; index < MOST_LABEL_SETS + 50; index += 1) {
      metrics.counter('sluice_requests_total', 'Requests.', { endpoint: `e${index}`, status: '200' }).add(1);
    }
    const [family] = metrics.collect();
    expect(family?.samples).toHaveLength(MOST_LABEL_SETS + 1);
    expect(family?.samples.at(-1)).toMatchObject({ labels: 'endpoint="other",status="other"', value: 50 });
  });

  test('goes on counting those that it knows apart', () => {
    const metrics = new Metrics();
    const count = (name: string) => metrics.counter('sluice_requests_total', 'Requests.', { endpoint: name }).add(1);
    for (let index = 0; index < MOST_LABEL_SETS + 50; index += 1) count(`e${index}`);
    count('e7');
    const [family] = metrics.collect();
    expect(family?.samples.find(({ labels }) => labels === 'endpoint="e7"')?.value).toBe(2);
  });
});
