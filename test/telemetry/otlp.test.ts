import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import type { OtlpSettings } from '../../src/config/telemetry-types.ts';
import { Secret } from '../../src/core/secret.ts';
import { Log } from '../../src/telemetry/log.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { OtlpSink } from '../../src/telemetry/otlp/otlp-sink.ts';
import { eventually } from '../support/gateway.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';
import { attemptRecord, pricedRecord } from '../support/records.ts';

let receiver: OtlpReceiver;
beforeEach(() => {
  receiver = new OtlpReceiver();
});
afterEach(() => receiver.stop());

const TRACE = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentSpanId: 'b7ad6b7169203331',
  sampled: true,
};

function openSink(more: Partial<OtlpSettings> = {}) {
  const target = (signal: string) => ({
    url: `${receiver.url}/v1/${signal}`,
    headers: [['x-api-key', new Secret('collector-key')]] as const,
    timeout: 500,
    compression: 'gzip' as const,
  });
  const settings: OtlpSettings = {
    traces: target('traces'),
    metrics: null,
    sampler: { root: 1, honoursParent: true },
    serviceName: 'sluice',
    resourceAttributes: { 'deployment.environment.name': 'test' },
    queueSize: 100,
    metricsInterval: 60_000,
    ...more,
  };
  const metrics = new Metrics();
  const lines: string[] = [];
  const log = new Log({ level: 'info', format: 'text', write: (line) => lines.push(line) });
  const sink = new OtlpSink({ settings, providerNames: { named: 'conventional.name' }, metrics, log });
  const value = (name: string, labels = '') =>
    metrics
      .collect()
      .find((family) => family.name === name)
      ?.samples.find((sample) => sample.labels === labels)?.value;
  return { sink, lines, value, target };
}

describe('the spans of a request', () => {
  test('are one of the gateway below the caller’s, and one of each call upstream below it', async () => {
    const { sink, value } = openSink();
    const failed = attemptRecord({
      status: 503,
      error: { code: 'upstream_error', message: 'overloaded while reading "my prompt"' },
      startedAt: 1,
      firstByteAt: 10,
      endedAt: 12,
    });
    const served = attemptRecord({
      provider: 'named',
      cause: 'fallback',
      startedAt: 13,
      server: 'api.example.com:443',
    });
    sink.take([pricedRecord({ trace: TRACE, stream: true, attempts: [failed, served] })]);
    await sink.close();
    const [server, first, second] = receiver.spans;
    expect(receiver.spans).toHaveLength(3);
    expect(value('sluice_otlp_exported_spans_total')).toBe(3);
    expect(server).toMatchObject({
      name: 'chat chat',
      kind: 'server',
      traceId: TRACE.traceId,
      spanId: TRACE.spanId,
      parentSpanId: TRACE.parentSpanId,
      start: 1_760_000_000_000,
      end: 1_760_000_000_481.25,
      isError: false,
      resource: { 'service.name': 'sluice', 'deployment.environment.name': 'test' },
    });
    expect(server?.attributes).toMatchObject({
      'http.response.status_code': 200,
      'sluice.endpoint': 'chat',
      'sluice.cost.usd': '0.000225',
    });
    expect(first).toMatchObject({
      name: 'chat gpt-4o',
      kind: 'client',
      traceId: TRACE.traceId,
      parentSpanId: TRACE.spanId,
      start: 1_760_000_000_001,
      end: 1_760_000_000_012,
      isError: true,
      attributes: {
        'error.type': 'upstream_error',
        'http.response.status_code': 503,
        'gen_ai.provider.name': 'openai',
      },
    });
    expect(first?.attributes).not.toHaveProperty(['gen_ai.usage.input_tokens']);
    expect(second).toMatchObject({ isError: false, parentSpanId: TRACE.spanId });
    expect(second?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'conventional.name',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.request.stream': true,
      'server.address': 'api.example.com',
      'server.port': 443,
      'http.response.status_code': 200,
      'gen_ai.response.time_to_first_chunk': 0.107,
      'sluice.attempt.cause': 'fallback',
      'sluice.attempt.connect_duration': 0,
      'sluice.upstream.request.id': 'req_upstream',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 20,
    });
    expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).toBe(3);
  });

  test('carry no name of the conventions’ that they do not have', async () => {
    const { sink } = openSink();
    const usage = {
      input: 1,
      cacheRead: 2,
      cacheWrite: 4,
      cacheWriteLong: 8,
      inputAudio: 16,
      inputImage: 32,
      output: 64,
      reasoning: 128,
      outputAudio: 256,
      outputImage: 512,
    };
    const error = { code: 'upstream_invalid', message: 'x' };
    sink.take([pricedRecord({ stream: true, usage, error, attempts: [attemptRecord({ server: '[::1]:80', error })] })]);
    await sink.close();
    const known = new Set<unknown>(Object.values(conventions));
    // In the conventions, but not yet in the published constants.
    const newer = new Set([
      'gen_ai.usage.audio.input_tokens',
      'gen_ai.usage.audio.output_tokens',
      'gen_ai.usage.image.input_tokens',
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.request.stream',
      'gen_ai.response.time_to_first_chunk',
    ]);
    const names = receiver.spans.flatMap(({ attributes }) => Object.keys(attributes));
    const unknown = names.filter((name) => !name.startsWith('sluice.') && !known.has(name) && !newer.has(name));
    expect(unknown).toEqual([]);
    expect(receiver.spans[1]?.attributes).toMatchObject({
      'server.address': '::1',
      'gen_ai.usage.input_tokens': 63,
      'gen_ai.usage.output_tokens': 960,
      'gen_ai.usage.cache_read.input_tokens': 2,
      'gen_ai.usage.cache_creation.input_tokens': 12,
      'gen_ai.usage.reasoning.output_tokens': 128,
    });
  });

  test('tell neither what was asked, nor the words of an error', async () => {
    const { sink } = openSink();
    const error = { code: 'upstream_error', message: 'I cannot say CANARY-PROMPT with key sk-CANARY-SECRET' };
    sink.take([pricedRecord({ status: 500, error, attempts: [attemptRecord({ status: 500, error })] })]);
    await sink.close();
    expect(receiver.spans.map(({ isError }) => isError)).toEqual([true, true]);
    for (const { bytes } of receiver.requests) expect(Buffer.from(bytes).toString('latin1')).not.toContain('CANARY');
  });

  test('begin a trace where the caller has none', async () => {
    const { sink } = openSink();
    sink.take([pricedRecord(), pricedRecord({ attempts: [] })]);
    await sink.close();
    const [one, call, other] = receiver.spans;
    expect(one?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(one?.parentSpanId).toBe('');
    expect(call?.traceId).toBe(one?.traceId ?? '');
    expect(other?.traceId).not.toBe(one?.traceId ?? '');
  });

  test('are left out where the trace is not kept', async () => {
    const { sink } = openSink({ sampler: { root: 0, honoursParent: true } });
    sink.take([pricedRecord(), pricedRecord({ trace: { ...TRACE, sampled: false } }), pricedRecord({ trace: TRACE })]);
    await sink.close();
    expect(receiver.spans.map(({ traceId }) => traceId)).toEqual([TRACE.traceId, TRACE.traceId]);
  });
});

describe('the collector', () => {
  test('gets the configured headers and compressed protobuf', async () => {
    const { sink } = openSink();
    sink.take([pricedRecord()]);
    await sink.close();
    expect(
      receiver.requests.map(({ path, headers }) => [path, headers.get('content-type'), headers.get('x-api-key')]),
    ).toEqual([['/v1/traces', 'application/x-protobuf', 'collector-key']]);
  });

  test('gets every span of a burst, in several calls', async () => {
    const { sink } = openSink({ queueSize: 2000 });
    sink.take(Array.from({ length: 1000 }, () => pricedRecord()));
    await sink.close();
    expect(receiver.spans).toHaveLength(2000);
    expect(receiver.requests.length).toBeGreaterThan(1);
  });

  test('that fails costs its spans, which are counted, and one warning; afterwards it is served again', async () => {
    const { sink, lines, value } = openSink();
    receiver.status = 400;
    sink.take([pricedRecord(), pricedRecord()]);
    await eventually('they are dropped', () => value('sluice_otlp_dropped_total', 'reason="failed"') === 2);
    receiver.status = 200;
    sink.take([pricedRecord()]);
    await sink.close();
    expect(receiver.spans).toHaveLength(2);
    expect(lines.filter((line) => line.includes('WARNING'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('takes spans again'))).toHaveLength(1);
    expect(lines.join('\n')).not.toContain('collector-key');
  });

  test('that is not there makes nothing wait: what exceeds the queue is dropped and counted', async () => {
    const { sink, value } = openSink({ queueSize: 10 });
    await receiver.stop();
    sink.take(Array.from({ length: 25 }, () => pricedRecord()));
    expect(value('sluice_otlp_dropped_total', 'reason="queue_full"')).toBe(15);
    expect(value('sluice_otlp_queue_size')).toBe(10);
    await sink.close();
  });

  test('gets the metrics of the conventions, where they are asked for', async () => {
    const metrics = { url: `${receiver.url}/v1/metrics`, headers: [], timeout: 500, compression: 'none' as const };
    const { sink } = openSink({ traces: null, metrics });
    sink.take([
      pricedRecord(),
      pricedRecord({ operation: 'completions', attempts: [attemptRecord({ endedAt: 1002 })] }),
    ]);
    await sink.close();
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/v1/metrics']);
    const names = Object.fromEntries(receiver.metrics.map(({ name, unit }) => [name, unit]));
    expect(names).toEqual({ 'gen_ai.client.token.usage': '{token}', 'gen_ai.client.operation.duration': 's' });
    const tokens = receiver.metrics.find(({ name }) => name.endsWith('usage'))?.points;
    expect(tokens).toContainEqual({
      attributes: {
        'gen_ai.operation.name': 'text_completion',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.token.type': 'output',
      },
      count: 1,
      sum: 20,
      bounds: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
    });
    const durations = receiver.metrics.find(({ name }) => name.endsWith('duration'))?.points;
    expect(durations?.map(({ sum }) => sum)).toEqual([0.478, 1]);
  });
});
