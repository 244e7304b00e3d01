import { afterEach, describe, expect, test } from 'bun:test';
import { fixture, type RawUpstream, type RawUpstreamOptions, rawUpstream } from '../conformance/raw-upstream.ts';
import { type RecordingProxy, type RecordingProxyOptions, recordingProxy } from '../conformance/recording-proxy.ts';
import { failureOf, PATIENT, until } from '../conformance/suite.ts';
import { FetchTransport } from '../fetch/fetch-transport.ts';
import type { Timeouts, UpgradeAttempt } from '../port.ts';
import { createTransport } from '../transport.ts';

const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: toy\r\n\r\n';
const CREDENTIALS = `Basic ${Buffer.from('us@er:p:w').toString('base64')}`;

const closers: Array<() => void> = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function startUpstream(options: RawUpstreamOptions = {}): Promise<RawUpstream> {
  const upstream = await rawUpstream({
    answer: ({ socket }) => {
      socket.removeAllListeners('data');
      socket.on('data', (bytes) => socket.write(bytes));
      socket.write(`${SWITCHED}hi `);
    },
    ...options,
  });
  closers.push(upstream.close);
  return upstream;
}

async function startProxy(options: RecordingProxyOptions = {}): Promise<RecordingProxy> {
  const proxy = await recordingProxy(options);
  closers.push(proxy.close);
  return proxy;
}

function upgrade(proxy: RecordingProxy, url: string, timeouts: Timeouts = PATIENT): UpgradeAttempt {
  const transport = new FetchTransport({
    proxy: `http://us%40er:p%3Aw@${proxy.label}`,
    certificateAuthorities: fixture('authority.pem'),
  });
  const headers = [['authorization', 'Bearer key']] as const;
  return transport.upgrade({ method: 'GET', url, headers }, timeouts, [['upgrade', 'toy']]);
}

async function conversation(attempt: UpgradeAttempt): Promise<string> {
  const { tunnel } = await attempt.answer;
  let text = '';
  const received = (bytes: Buffer) => {
    text += bytes.toString();
  };
  tunnel?.listen({ received, drained: () => {}, ended: () => {} });
  tunnel?.write(Buffer.from('there'));
  await until(() => text === 'hi there', 'the echo');
  tunnel?.end();
  return text;
}

describe('an upgrade through a proxy', () => {
  for (const certificate of [undefined, 'localhost'] as const) {
    test(`goes through a tunnel ${certificate ? 'over TLS' : 'in the clear'}, of which the proxy sees no more`, async () => {
      const [upstream, proxy] = [await startUpstream(certificate && { certificate }), await startProxy()];
      expect(await conversation(upgrade(proxy, upstream.url))).toBe('hi there');
      expect(proxy.heads.length).toBe(1);
      const host = certificate ? 'localhost' : '127.0.0.1';
      expect(proxy.heads[0]).toStartWith(`CONNECT ${host}:${upstream.port} HTTP/1.1\r\n`);
      expect(proxy.heads[0]).toContain(`proxy-authorization: ${CREDENTIALS}`);
      expect(proxy.heads[0]).not.toContain('Bearer');
      expect(upstream.requests[0]?.head.toLowerCase()).not.toContain('proxy-');
    });
  }

  test('takes the way of the environment', async () => {
    const [upstream, proxy] = [await startUpstream(), await startProxy()];
    const transport = createTransport({ HTTP_PROXY: `http://${proxy.label}`, NO_PROXY: 'localhost' });
    const to = (host: string) => ({ method: 'GET', url: `http://${host}:${upstream.port}/`, headers: [] });
    await conversation(transport.upgrade(to('api.example'), PATIENT, [['upgrade', 'toy']]));
    await conversation(transport.upgrade(to('localhost'), PATIENT, [['upgrade', 'toy']]));
    expect(proxy.heads.length).toBe(1);
    transport.close();
  });

  test('checks the certificate behind it', async () => {
    const [upstream, proxy] = [await startUpstream({ certificate: 'other.example' }), await startProxy()];
    const error = await failureOf(upgrade(proxy, upstream.url).answer);
    expect([error.failure, error.dispatched]).toEqual(['connect_failed', false]);
    expect(upstream.requests.length).toBe(0);
  });

  test('that is refused names the proxy, but not its credentials', async () => {
    const proxy = await startProxy({ refuseWith: 'HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n' });
    const { failure, message } = await failureOf(upgrade(proxy, 'https://api.example/').answer);
    expect(failure).toBe('connect_failed');
    for (const part of ['api.example:443', proxy.label, '407']) expect(message).toContain(part);
    expect(message).not.toMatch(/us@er|us%40er|Bearer/);
  });

  test('that is silent, or not there, fails', async () => {
    const silent = await startProxy({ refuseWith: '' });
    const late = await failureOf(upgrade(silent, 'https://api.example/', { ...PATIENT, connect: 100 }).answer);
    expect(late.failure).toBe('connect_timeout');
    const gone = await startProxy();
    gone.close();
    expect((await failureOf(upgrade(gone, 'https://api.example/').answer)).failure).toBe('connect_failed');
  });
});
