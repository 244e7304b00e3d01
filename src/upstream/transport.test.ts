import { afterEach, describe, expect, test } from 'bun:test';
import { type RawUpstream, rawUpstream } from './conformance/raw-upstream.ts';
import { type RecordingProxy, recordingProxy } from './conformance/recording-proxy.ts';
import { bodyText, PATIENT, post } from './conformance/suite.ts';
import { createTransport } from './transport.ts';

let upstream: RawUpstream | null = null;
let proxy: RecordingProxy | null = null;
afterEach(() => {
  upstream?.close();
  proxy?.close();
});

async function start(certificate?: 'localhost'): Promise<{ upstream: RawUpstream; proxy: RecordingProxy }> {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  upstream = await rawUpstream({ ...(certificate && { certificate }), answer: ({ socket }) => socket.write(answer) });
  proxy = await recordingProxy();
  return { upstream, proxy };
}

describe('the transport of the gateway', () => {
  test('goes straight without a proxy, and keeps the connection', async () => {
    const { upstream } = await start();
    const transport = createTransport({});
    expect(await bodyText(await post(transport, upstream.url).response)).toBe('ok');
    expect(transport.statistics()).toEqual({ open: 1, idle: 1 });
    transport.close();
    expect(transport.statistics()).toEqual({ open: 0, idle: 0 });
  });

  test('tells how many requests wait for a connection, however that ends', async () => {
    const { upstream } = await start();
    const transport = createTransport({});
    const served = post(transport, upstream.url).response;
    const refused = post(transport, 'http://127.0.0.1:1/').response;
    const cancelled = post(transport, upstream.url);
    expect(transport.waiting?.()).toBe(3);
    cancelled.cancel();
    expect(transport.waiting?.()).toBe(2);
    await Promise.allSettled([served.then(bodyText), refused, cancelled.response]);
    expect(transport.waiting?.()).toBe(0);
    transport.close();
  });

  test('goes through the proxy of the environment, save where no_proxy spares the host', async () => {
    const { upstream, proxy } = await start();
    const transport = createTransport({ HTTP_PROXY: `http://${proxy.label}`, NO_PROXY: 'localhost' });
    const url = `http://api.example:${upstream.port}/x`;
    expect(await bodyText(await post(transport, url).response)).toBe('ok');
    expect(proxy.heads.length).toBe(1);
    expect(await bodyText(await post(transport, `http://localhost:${upstream.port}/x`).response)).toBe('ok');
    expect(upstream.requests.length).toBe(2);
    expect(proxy.heads.length).toBe(1);
    transport.close();
  });

  test('refuses to go round a proxy that it cannot use', () => {
    const transport = createTransport({ ALL_PROXY: 'socks5://proxy:1080' });
    const destination = { method: 'GET', url: 'https://api.example/', headers: [] } as const;
    expect(() => transport.prepare(destination, PATIENT)).toThrow('api.example');
  });
});

describe('a certificate authority named by the environment of the process', () => {
  const file = new URL('./fixtures/authority.pem', import.meta.url).pathname;

  /** What a process of its own gets from the upstream. */
  async function requestFrom(environment: Record<string, string>): Promise<string> {
    const { upstream, proxy } = await start('localhost');
    const script = `
      import { createTransport } from ${JSON.stringify(new URL('./transport.ts', import.meta.url).href)};
      const timeouts = ${JSON.stringify(PATIENT)};
      const destination = { method: 'GET', url: ${JSON.stringify(upstream.url)}, headers: [] };
      const transport = createTransport(process.env);
      try {
        const response = await transport.prepare(destination, timeouts).send(null).response;
        console.log(Buffer.from(await response.bytes(100)).toString());
      } catch (error) {
        console.log(error.failure);
      }
      transport.close();`;
    const named = Object.entries(environment).map(([name, value]) => [name, value.replace('PROXY', proxy.label)]);
    const child = Bun.spawn([process.execPath, '-e', script], {
      env: { PATH: process.env.PATH ?? '', ...Object.fromEntries(named) },
      stderr: 'inherit',
    });
    return (await new Response(child.stdout).text()).trim();
  }

  for (const [way, proxied] of [
    ['directly', {}],
    ['through a proxy', { HTTPS_PROXY: 'http://PROXY' }],
  ] as const) {
    test(`is trusted ${way}`, async () => {
      expect(await requestFrom({ ...proxied, NODE_EXTRA_CA_CERTS: file })).toBe('ok');
      expect(await requestFrom({ ...proxied, SSL_CERT_FILE: file })).toBe('ok');
    });

    test(`is the only way to be trusted ${way}`, async () => {
      expect(await requestFrom(proxied)).toBe('connect_failed');
      expect(await requestFrom({ ...proxied, NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toBe('connect_failed');
    });
  }
});
