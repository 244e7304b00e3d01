import { afterEach, describe, expect, test } from 'bun:test';
import { Secret } from '../../core/secret.ts';
import { fixture, type RawUpstream, type RawUpstreamOptions, rawUpstream } from '../conformance/raw-upstream.ts';
import { type RecordingProxy, type RecordingProxyOptions, recordingProxy } from '../conformance/recording-proxy.ts';
import { bodyText, failureOf, PATIENT, post, until } from '../conformance/suite.ts';
import type { Timeouts } from '../port.ts';
import { FetchTransport } from './fetch-transport.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const CREDENTIALS = `Basic ${Buffer.from('us@er:p:w').toString('base64')}`;

const closers: Array<() => void> = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function startUpstream(options: RawUpstreamOptions = {}): Promise<RawUpstream> {
  const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(OK), ...options });
  closers.push(upstream.close);
  return upstream;
}

async function startProxy(options: RecordingProxyOptions = {}): Promise<RecordingProxy> {
  const proxy = await recordingProxy(options);
  closers.push(proxy.close);
  return proxy;
}

function through(proxy: RecordingProxy, certificateAuthorities = fixture('authority.pem')): FetchTransport {
  return new FetchTransport({ proxy: `http://us%40er:p%3Aw@${proxy.label}`, certificateAuthorities });
}

function send(transport: FetchTransport, url: string, timeouts: Timeouts = PATIENT) {
  const headers = [['authorization', new Secret('Bearer key')]] as const;
  return transport.prepare({ method: 'POST', url, headers }, timeouts).send('{}');
}

describe('a proxy', () => {
  test('is asked for a clear-text target in absolute form, with its credentials', async () => {
    const [upstream, proxy] = [await startUpstream(), await startProxy()];
    const response = await send(through(proxy), `http://api.example:${upstream.port}/v1?x=y`).response;
    expect(await bodyText(response)).toBe('ok');
    const lines = proxy.heads[0]?.split('\r\n') ?? [];
    expect(lines[0]).toBe(`POST http://api.example:${upstream.port}/v1?x=y HTTP/1.1`);
    expect(lines).toContain(`Proxy-Authorization: ${CREDENTIALS}`);
  });

  test('is asked for a tunnel to a TLS target and sees neither request nor key', async () => {
    const [upstream, proxy] = [await startUpstream({ certificate: 'localhost' }), await startProxy()];
    expect(await bodyText(await send(through(proxy), upstream.url).response)).toBe('ok');
    expect(proxy.heads.length).toBe(1);
    expect(proxy.heads[0]).toStartWith(`CONNECT localhost:${upstream.port} HTTP/1.1`);
    expect(proxy.heads[0]).toContain(`Proxy-Authorization: ${CREDENTIALS}`);
    expect(proxy.heads[0]).not.toContain('Bearer');
    expect(upstream.requests[0]?.head.toLowerCase()).not.toContain('proxy-');
    expect(upstream.requests[0]?.head).toContain('Bearer key');
  });

  test('does not weaken the check of the certificate behind it', async () => {
    const proxy = await startProxy();
    const upstream = await startUpstream({ certificate: 'localhost' });
    const unknown = await failureOf(
      send(new FetchTransport({ proxy: `http://${proxy.label}` }), upstream.url).response,
    );
    expect([unknown.failure, unknown.dispatched]).toEqual(['connect_failed', false]);
    expect(unknown.message).toContain('NODE_EXTRA_CA_CERTS');
    const other = await startUpstream({ certificate: 'other.example' });
    const wrongHost = await failureOf(send(through(proxy), other.url).response);
    expect(wrongHost.failure).toBe('connect_failed');
    expect(wrongHost.message).toContain('certificate');
    expect(other.requests.length + upstream.requests.length).toBe(0);
  });

  test('that refuses the tunnel is named, and what it said, but not its credentials', async () => {
    const proxy = await startProxy({ refuseWith: 'HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n' });
    const error = await failureOf(send(through(proxy), 'https://api.example/').response);
    expect([error.failure, error.dispatched]).toEqual(['connect_failed', false]);
    expect(error.message).toContain('api.example:443');
    expect(error.message).toContain(proxy.label);
    expect(error.message).toContain('407');
    expect(error.message).not.toMatch(/us@er|us%40er|Bearer/);
  });

  test('that is not there is connect_failed and named', async () => {
    const proxy = await startProxy();
    proxy.close();
    const error = await failureOf(send(through(proxy), 'https://api.example/').response);
    expect([error.failure, error.dispatched]).toEqual(['connect_failed', false]);
    expect(error.message).toContain(proxy.label);
    expect(error.message).toContain('connection refused');
  });

  test('that is silent runs into the limits of connect and first byte together', async () => {
    const proxy = await startProxy({ refuseWith: '' });
    const timeouts = { ...PATIENT, connect: 100, firstByte: 100 };
    const error = await failureOf(send(through(proxy), 'https://api.example/', timeouts).response);
    expect(error.failure).toBe('first_byte_timeout');
    expect(error.message).toContain('200 ms');
  });

  test('passes a cancel on to the upstream', async () => {
    const proxy = await startProxy();
    for (const certificate of [undefined, 'localhost'] as const) {
      const upstream = await startUpstream({ answer: () => {}, ...(certificate && { certificate }) });
      const attempt = send(through(proxy), upstream.url);
      await until(() => upstream.requests.length === 1, 'the request');
      attempt.cancel();
      expect((await failureOf(attempt.response)).failure).toBe('cancelled');
      await until(() => upstream.connections[0]?.gone === true, 'the end of the connection');
    }
  });
});

describe('fetch', () => {
  test('does not time out by itself in a TLS handshake, but by our limits', async () => {
    const upstream = await startUpstream({ accept: ({ socket }) => void socket.resume() });
    const timeouts = { ...PATIENT, connect: 100, firstByte: 100 };
    const url = upstream.url.replace('http:', 'https:');
    const error = await failureOf(post(new FetchTransport({ proxy: null }), url, '{}', timeouts).response);
    expect(error.failure).toBe('first_byte_timeout');
    await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
  });

  test('holds 600 exchanges at once where the launcher raised its limit', async () => {
    let waiting = 0;
    const upstream = await startUpstream({ answer: () => waiting++ });
    const script = `
      import { FetchTransport } from ${JSON.stringify(new URL('./fetch-transport.ts', import.meta.url).href)};
      const timeouts = { connect: 0, firstByte: 0, idle: 0, total: 0 };
      const prepared = new FetchTransport({ proxy: null }).prepare(
        { method: 'POST', url: ${JSON.stringify(upstream.url)}, headers: [] }, timeouts);
      for (let count = 0; count < 600; count++) prepared.send('{}');`;
    const child = Bun.spawn([process.execPath, '-e', script], {
      env: { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: '1000' },
      stdout: 'ignore',
      stderr: 'inherit',
    });
    try {
      await until(() => waiting === 600, '600 requests at the upstream');
    } finally {
      child.kill();
      await child.exited;
    }
  });
});
