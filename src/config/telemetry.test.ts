import { describe, expect, test } from 'bun:test';
import { fakeRegistry } from './fake-registry.ts';
import { loadConfig } from './load.ts';
import type { TelemetrySettings } from './telemetry-types.ts';
import type { Environment } from './types.ts';

function load(telemetry: unknown, environment: Environment = {}) {
  const text = JSON.stringify({ endpoints: [], telemetry });
  const { config, warnings } = loadConfig({
    path: '/etc/sluice/config.yaml',
    text,
    environment,
    providers: fakeRegistry,
  });
  return { ...config.telemetry, warnings: warnings.map(({ message }) => message) };
}

const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

test('by default nothing is told of requests', () => {
  expect(load(undefined)).toEqual({ requestLog: null, otlp: null, warnings: [] });
  expect(load(null).requestLog).toBeNull();
});

describe('the request log', () => {
  const to = (request_log: unknown): TelemetrySettings['requestLog'] => load({ request_log }).requestLog;

  test('goes to a stream, to a file beside the configuration, or nowhere', () => {
    expect(to('stdout')).toEqual({ to: 'stdout', format: 'json' });
    expect(to('logs/requests.log')).toEqual({ to: { path: '/etc/sluice/logs/requests.log' }, format: 'json' });
    expect(to('/var/log/requests.log')).toEqual({ to: { path: '/var/log/requests.log' }, format: 'json' });
    expect(to('off')).toBeNull();
    expect(to(false)).toBeNull();
  });

  test('has a format', () => {
    expect(load({ request_log: 'stderr', request_log_format: 'text' }).requestLog?.format).toBe('text');
    expect(() => load({ request_log_format: 'xml' })).toThrow("'json' or 'text'");
  });
});

describe('OTLP in the file', () => {
  test('names a collector, whose headers are secrets that may come from the environment', () => {
    const { otlp } = load(
      { otlp: { endpoint: 'https://collector.example:4318/', headers: { 'api-key': '$KEY' }, metrics: true } },
      { KEY: 'collector-key' },
    );
    expect(otlp?.traces?.url).toBe('https://collector.example:4318/v1/traces');
    expect(otlp?.metrics?.url).toBe('https://collector.example:4318/v1/metrics');
    expect(otlp?.traces?.headers.map(([name, value]) => [name, value.expose()])).toEqual([
      ['api-key', 'collector-key'],
    ]);
    expect(JSON.stringify(otlp)).not.toContain('collector-key');
    expect(otlp?.sampler).toEqual({ root: 1, honoursParent: true });
  });

  test('goes before the environment', () => {
    const { otlp } = load(
      { otlp: { endpoint: 'http://mine:1', sample_ratio: 0.5, service_name: 'gateway' } },
      { ...COLLECTOR, OTEL_TRACES_SAMPLER: 'always_off', OTEL_SERVICE_NAME: 'other', OTEL_BSP_MAX_QUEUE_SIZE: '17' },
    );
    expect(otlp?.traces?.url).toBe('http://mine:1/v1/traces');
    expect(otlp).toMatchObject({ sampler: { root: 0.5 }, serviceName: 'gateway', queueSize: 17 });
  });

  test('says what is wrong with it', () => {
    expect(() => load({ otlp: { endpoint: 'collector:4317' } })).toThrow('Input should be an http or https URL');
    expect(() => load({ otlp: { sample_ratio: 2 } })).toThrow('less than or equal to 1');
  });
});

describe('the variables of OpenTelemetry', () => {
  test('are enough', () => {
    const { otlp, warnings } = load(undefined, {
      ...COLLECTOR,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20key,tenant=red',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2500',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=named,deployment.environment.name=test',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    });
    expect(warnings).toEqual([]);
    expect(otlp?.traces).toMatchObject({ url: 'http://collector:4318/v1/traces', timeout: 2500, compression: 'gzip' });
    expect(otlp?.traces?.headers.map(([name, value]) => [name, value.expose()])).toEqual([
      ['api-key', 'a key'],
      ['tenant', 'red'],
    ]);
    expect(otlp).toMatchObject({
      metrics: null,
      serviceName: 'named',
      resourceAttributes: { 'deployment.environment.name': 'test' },
      sampler: { root: 0.25, honoursParent: true },
    });
  });

  test('may name another place for each signal', () => {
    const { otlp } = load(undefined, {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces/own/path',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://metrics/other',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=b',
    });
    expect(otlp?.traces?.url).toBe('http://traces/own/path');
    expect(otlp?.metrics?.url).toBe('http://metrics/other');
    expect(otlp?.metrics?.headers).toEqual([]);
  });

  test.each([
    ['OTEL_SDK_DISABLED', 'true'],
    ['OTEL_TRACES_EXPORTER', 'none'],
  ])('%s=%s ends it', (name, value) => {
    expect(load(undefined, { ...COLLECTOR, [name]: value }).otlp).toBeNull();
  });

  test.each([
    ['always_on', undefined, { root: 1, honoursParent: false }],
    ['always_off', undefined, { root: 0, honoursParent: false }],
    ['traceidratio', '0.1', { root: 0.1, honoursParent: false }],
    ['parentbased_always_off', undefined, { root: 0, honoursParent: true }],
    ['parentbased_traceidratio', undefined, { root: 1, honoursParent: true }],
  ])('OTEL_TRACES_SAMPLER=%s with %p', (name, argument, sampler) => {
    const environment = { ...COLLECTOR, OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument };
    expect(load(undefined, environment).otlp?.sampler).toEqual(sampler);
  });

  test.each([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/protobuf'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317', 'http or https URL'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'not known here'],
    ['OTEL_TRACES_EXPORTER', 'zipkin', 'only otlp and none'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', 'soon', 'whole number'],
  ])('%s=%s gets one warning, and the gateway starts', (name, value, words) => {
    const { warnings } = load(undefined, { ...COLLECTOR, [name]: value });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(name);
    expect(warnings[0]).toContain(words);
  });
});
