import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually } from '../support/gateway.ts';
import { CANARIES, type ObservedGateway, scrape, startObserved } from '../support/observed-gateway.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01';
const REQUESTS = 7;

let observed: ObservedGateway;
let lines: string[];
beforeAll(async () => {
  observed = await startObserved();
  await observed.traffic({ traceparent: TRACEPARENT, 'x-sluice-tags': 'project=red', 'user-agent': 'observer/1' });
  const { gateway, collector } = observed;
  await eventually('the collector has every request', () => servers().length === REQUESTS);
  expect(collector.requests.length).toBeGreaterThan(0);
  lines = readFileSync(join(dirname(gateway.configPath), 'requests.log'), 'utf8')
    .trimEnd()
    .split('\n');
});
afterAll(() => observed.stop());

const servers = () => observed.collector.spans.filter(({ kind }) => kind === 'server');

describe('what is told of a request', () => {
  test('has its trace: the caller’s span, the gateway’s below it, and the calls below that', () => {
    for (const { traceId, parentSpanId, spanId } of observed.collector.spans) {
      expect(traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
      expect(spanId).not.toBe(parentSpanId);
    }
    expect(new Set(servers().map(({ parentSpanId }) => parentSpanId))).toEqual(new Set(['b7ad6b7169203331']));
    const own = new Set(servers().map(({ spanId }) => spanId));
    const calls = observed.collector.spans.filter(({ kind }) => kind === 'client');
    expect(calls).toHaveLength(5);
    for (const { parentSpanId } of calls) expect(own).toContain(parentSpanId);
  });

  test('has the same request under the same id in the log and in the trace', () => {
    const logged = lines.map((line) => JSON.parse(line));
    const ids = new Map(servers().map(({ attributes }) => [attributes['sluice.request.id'], attributes]));
    expect(logged).toHaveLength(REQUESTS);
    for (const line of logged) {
      const attributes = ids.get(line.id);
      expect(attributes?.['http.response.status_code']).toBe(line.status);
      expect(attributes?.['sluice.tag.project']).toBe('red');
      expect(line).toMatchObject({ tags: { project: 'red' }, user_agent: 'observer/1' });
    }
  });

  test('names the upstream, and the models that were asked for and served', () => {
    const call = observed.collector.spans.find(({ name }) => name === 'chat gpt-4o');
    expect(call?.attributes).toMatchObject({
      'server.address': '127.0.0.1',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-served',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.cache_read.input_tokens': 4,
    });
  });
});

describe('no prompt, no answer and no key', () => {
  const told: ReadonlyArray<readonly [string, () => string | Promise<string>]> = [
    ['is in the metrics', () => scrape(observed.gateway)],
    ['is in the request log', () => lines.join('\n')],
    [
      'is in a span',
      () => observed.collector.requests.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('\n'),
    ],
  ];
  test.each(told)('%s', async (_, read) => {
    const text = await read();
    expect(text.length).toBeGreaterThan(1000);
    for (const canary of Object.values(CANARIES)) expect(text).not.toContain(canary);
    expect(text).not.toContain('CANARY');
  });
});
