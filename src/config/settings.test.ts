import { describe, expect, test } from 'bun:test';
import { fakeRegistry } from './fake-registry.ts';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';
import type { Environment } from './types.ts';

const load = (blocks: string, environment: Environment = {}) =>
  loadConfig({ path: 'config.yaml', text: `endpoints: []\n${blocks}`, environment, providers: fakeRegistry });

const SECONDS = 'MLFLOW_GATEWAY_ROUTE_TIMEOUT_SECONDS';

test('without blocks of our own, the defaults hold', () => {
  const { server, upstream } = load('').config;
  expect(server).toEqual({
    maxRequestBody: 33_554_432,
    maxInflatedRequestBody: 104_857_600,
    maxUpload: 536_870_912,
    drainTimeout: 30_000,
    drainDelay: 0,
    trustedProxies: [],
    allowedHosts: [],
  });
  expect(upstream).toEqual({
    connectTimeout: 10_000,
    firstByteTimeout: 0,
    idleTimeout: 300_000,
    remoteMedia: true,
    totalTimeout: 300_000,
    streamTotalTimeout: 0,
  });
  expect(load('server:\nupstream:\n').config.server).toEqual(server);
});

describe('a size', () => {
  test.each([
    ['1048576', 1_048_576],
    ['32MiB', 33_554_432],
    ['1.5 mib', 1_572_864],
    ['500kB', 500_000],
    ['2g', 2_147_483_648],
    ['"7"', 7],
  ])('%s is %i bytes', (text, bytes) => {
    expect(load(`server: {max_request_body: ${text}}`).config.server.maxRequestBody).toBe(bytes);
  });

  test.each(['0', '-1', 'much', '32 parsecs', '1e400GiB', '[]'])('%s is none', (text) => {
    expect(() => load(`server: {max_request_body: ${text}}`)).toThrow(ConfigError);
  });
});

describe('a length of time', () => {
  test.each([
    ['30s', 30_000],
    ['500ms', 500],
    ['1h30m', 5_400_000],
    ['2.5', 2500],
    ['"45"', 45_000],
    ['1:30', 90_000],
    ['0', 0],
    ['7d', 604_800_000],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(load(`server: {drain_timeout: ${text}}`).config.server.drainTimeout).toBe(milliseconds);
  });

  test.each(['soon', '-1s', '5 parsecs', '30d', '{}'])('%s is none', (text) => {
    expect(() => load(`server: {drain_timeout: ${text}}`)).toThrow(ConfigError);
  });
});

describe('trusted proxies', () => {
  test('are addresses and CIDR blocks of both families', () => {
    const list = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1'];
    const { server } = load(`server:\n  trusted_proxies:\n${list.map((one) => `    - "${one}"`).join('\n')}`).config;
    expect(server.trustedProxies).toEqual(list);
  });

  test.each(['10.0.0.0/33', '10.0.0', 'proxy.local', '10.0.0.0/8/8', 'fd00::/129', '10.0.0.0/'])(
    '%s is none',
    (text) => {
      expect(() => load(`server: {trusted_proxies: ["${text}"]}`)).toThrow(
        'Input should be an IP address or a CIDR block',
      );
    },
  );
});

describe('names of the gateway', () => {
  test('may have a star for those below', () => {
    const { server } = load('server: {allowed_hosts: ["gateway.example.com", "*.corp.example", "*"]}').config;
    expect(server.allowedHosts).toEqual(['gateway.example.com', '*.corp.example', '*']);
  });

  test.each(['https://gateway.example.com', 'gateway:5000', 'a.*.example', '', 'a..b'])('%j is none', (text) => {
    expect(() => load(`server: {allowed_hosts: ["${text}"]}`)).toThrow('Input should be the name of a host');
  });
});

describe('the total timeout', () => {
  const timeouts = (block: string, environment: Environment = {}) => {
    const { totalTimeout, streamTotalTimeout } = load(block, environment).config.upstream;
    return [totalTimeout, streamTotalTimeout];
  };

  test('covers streams as well once it is set, in the file or by the environment', () => {
    expect(timeouts('upstream: {total_timeout: 60s}')).toEqual([60_000, 60_000]);
    expect(timeouts('', { [SECONDS]: '120' })).toEqual([120_000, 120_000]);
    expect(timeouts('', { [SECONDS]: '' })).toEqual([300_000, 0]);
  });

  test('of the environment counts when both are set, with a warning', () => {
    const { config, warnings } = load('upstream: {total_timeout: 60s}', { [SECONDS]: '120' });
    expect(config.upstream.totalTimeout).toBe(120_000);
    expect(warnings).toMatchObject([{ path: ['upstream', 'total_timeout'], line: 2 }]);
  });

  test('must be a number in the environment, and its error has no place in the file', () => {
    try {
      load('', { [SECONDS]: 'soon' });
      throw new Error('The variable was accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ problems: [{ severity: 'error', line: 0, column: 0, excerpt: null }] });
      expect(String(error)).toContain(SECONDS);
    }
  });
});
