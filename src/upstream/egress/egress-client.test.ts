import { afterEach, describe, expect, test } from 'bun:test';
import { gzipSync } from 'node:zlib';
import { fixture, type RawUpstream, type RawUpstreamOptions, rawUpstream } from '../conformance/raw-upstream.ts';
import { recordingProxy } from '../conformance/recording-proxy.ts';
import { isPublicAddress } from './addresses.ts';
import { EgressClient, type EgressOptions } from './egress-client.ts';
import { EgressError } from './egress-error.ts';

const MAX_BYTES = 1 << 20;
const HERE = { allowHttp: true, isAllowed: () => true };

let upstreams: RawUpstream[] = [];
afterEach(() => {
  for (const upstream of upstreams) upstream.close();
  upstreams = [];
});

/** A server that answers each path with the bytes that `answers` has for it. */
async function serve(answers: Record<string, string | Buffer>, more: RawUpstreamOptions = {}): Promise<RawUpstream> {
  const upstream = await rawUpstream({
    answer: ({ socket }, { head }) => {
      const answer = answers[head.split(' ')[1]?.replace(/^http:\/\/[^/]+/, '') ?? ''];
      if (answer !== undefined) socket.write(answer);
    },
    ...more,
  });
  upstreams.push(upstream);
  return upstream;
}

function client(options: Partial<EgressOptions> = {}): EgressClient {
  return new EgressClient({
    environment: {},
    maxBytes: MAX_BYTES,
    timeout: 5000,
    rules: HERE,
    resolver: async () => ['127.0.0.1'],
    ...options,
  });
}

function ok(body: string | Buffer, more = 'Content-Type: image/png\r\n'): Buffer {
  const bytes = Buffer.from(body as string);
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${more}Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
}

const redirect = (location: string) => `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;

async function failureOf(promise: Promise<unknown>): Promise<EgressError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof EgressError) return error;
  throw new Error(`expected an EgressError, got ${error}`);
}

describe('a download', () => {
  test('has the bytes and the media type without its parameters', async () => {
    const { port } = await serve({ '/a.png?v=1': ok('content', 'Content-Type: Image/PNG; q=1\r\n') });
    const { bytes, mediaType } = await client().get(`http://images.example:${port}/a.png?v=1#top`);
    expect([Buffer.from(bytes).toString(), mediaType]).toEqual(['content', 'image/png']);
  });

  test('goes over TLS to the address that was checked, the certificate being checked for the name', async () => {
    const upstream = await serve({ '/a': ok('secure') }, { certificate: 'other.example' });
    const trust = { certificateAuthorities: fixture('authority.pem') };
    const { bytes } = await client(trust).get(`https://other.example:${upstream.port}/a`);
    expect(Buffer.from(bytes).toString()).toBe('secure');
    expect(upstream.requests[0]?.head).toContain(`host: other.example:${upstream.port}\r\n`);
    const wrong = await failureOf(client(trust).get(`https://another.example:${upstream.port}/a`));
    expect(wrong.failure).toBe('unreachable');
    expect((await failureOf(client().get(`https://other.example:${upstream.port}/a`))).failure).toBe('unreachable');
  });

  test('resolves a name once, and connects to nothing else', async () => {
    const { port } = await serve({ '/a': ok('x') });
    let resolutions = 0;
    const rebinding = async () => (resolutions++ === 0 ? ['127.0.0.1'] : ['192.0.2.1']);
    await client({ resolver: rebinding }).get(`http://images.example:${port}/a`);
    expect(resolutions).toBe(1);
  });

  test('tries the next address where one cannot be connected to', async () => {
    const { port } = await serve({ '/a': ok('x') });
    const resolver = async () => ['::1', '127.0.0.1'];
    const { bytes } = await client({ resolver }).get(`http://images.example:${port}/a`);
    expect(Buffer.from(bytes).toString()).toBe('x');
  });

  test('leaves no connection open', async () => {
    const upstream = await serve({ '/a': ok('x') });
    await client().get(`http://images.example:${upstream.port}/a`);
    while (!upstream.connections.every(({ gone }) => gone)) await Bun.sleep(1);
    expect(upstream.connections.length).toBe(1);
  });
});

describe('a refusal', () => {
  test.each([
    ['a private address', ['10.0.0.1']],
    ['a public and a private address', ['93.184.216.34', '127.0.0.1']],
    ['the metadata address in IPv6', ['::ffff:169.254.169.254']],
  ])('is given to a name that resolves to %s', async (_, addresses) => {
    const rules = { allowHttp: false, isAllowed: isPublicAddress };
    const error = await failureOf(client({ rules, resolver: async () => addresses }).get('https://images.example/a'));
    expect([error.failure, error.message]).toEqual(['refused', 'its host name leads to an address that is not public']);
  });

  test('is given by the system’s resolver too', async () => {
    const only = new EgressClient({ environment: {}, maxBytes: MAX_BYTES, timeout: 5000 });
    expect((await failureOf(only.get('https://127.0.0.1/a'))).failure).toBe('refused');
    expect((await failureOf(only.get('https://localhost/a'))).failure).toBe('refused');
  });

  test('is given to a redirect that leads to a private address', async () => {
    const upstream = await serve({ '/a': redirect('http://127.0.0.2/secret') });
    const isAllowed = (address: string) => address === '127.0.0.1';
    const guarded = client({ rules: { allowHttp: true, isAllowed } });
    const error = await failureOf(guarded.get(`http://images.example:${upstream.port}/a`));
    expect([error.failure, error.message]).toEqual(['refused', 'its address is not public']);
  });

  test('is given to a redirect to a name that resolves to a private address', async () => {
    const upstream = await serve({ '/a': redirect('http://inner.example/secret') });
    const rules = { allowHttp: true, isAllowed: (address: string) => address === '127.0.0.1' };
    const resolver = async (name: string) => [name === 'inner.example' ? '10.0.0.1' : '127.0.0.1'];
    const error = await failureOf(client({ rules, resolver }).get(`http://images.example:${upstream.port}/a`));
    expect(error.message).toBe('its host name leads to an address that is not public');
  });

  test('is given to a redirect from https to http', async () => {
    const upstream = await serve({ '/a': redirect('http://other.example/b') }, { certificate: 'other.example' });
    const strict = client({
      rules: { ...HERE, allowHttp: false },
      certificateAuthorities: fixture('authority.pem'),
    });
    const error = await failureOf(strict.get(`https://other.example:${upstream.port}/a`));
    expect(error.message).toBe('only https is allowed');
  });
});

describe('redirects', () => {
  test('are followed three times, relative ones too', async () => {
    const upstream = await serve({
      '/1': redirect('/2'),
      '/2': redirect('3'),
      '/3': redirect('?4'),
      '/3?4': ok('end'),
    });
    const { bytes } = await client().get(`http://images.example:${upstream.port}/1`);
    expect(Buffer.from(bytes).toString()).toBe('end');
  });

  test('end in a refusal when there are more', async () => {
    const upstream = await serve({ '/1': redirect('/1') });
    const error = await failureOf(client().get(`http://images.example:${upstream.port}/1`));
    expect([error.failure, upstream.requests.length]).toEqual(['refused', 4]);
  });
});

describe('a failure', () => {
  test('of the server’s status says the status', async () => {
    const { port } = await serve({ '/a': 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n' });
    const error = await failureOf(client().get(`http://images.example:${port}/a`));
    expect([error.failure, error.message]).toEqual(['not_there', 'its server answered with status 404']);
  });

  test('is a body above the limit, declared or not, compressed or not', async () => {
    const large = Buffer.alloc(MAX_BYTES + 1);
    const { port } = await serve({
      '/declared': `HTTP/1.1 200 OK\r\nContent-Length: ${MAX_BYTES + 1}\r\n\r\n`,
      '/undeclared': Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'), large]),
      '/bomb': ok(gzipSync(Buffer.alloc(MAX_BYTES * 20)), 'Content-Encoding: gzip\r\n'),
    });
    for (const path of ['declared', 'undeclared', 'bomb']) {
      const error = await failureOf(client().get(`http://images.example:${port}/${path}`));
      expect([path, error.failure, error.message]).toEqual([path, 'too_large', 'it is larger than 1 MiB']);
    }
  });

  test('is a server that stays silent, and one whose body never ends', async () => {
    const { port } = await serve({ '/body': 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf' });
    for (const path of ['silent', 'body']) {
      const error = await failureOf(client({ timeout: 60 }).get(`http://images.example:${port}/${path}`));
      expect([path, error.failure]).toEqual([path, 'timeout']);
    }
  });

  test('is a resolver that never answers', async () => {
    const resolver = () => new Promise<never>(() => {});
    const error = await failureOf(client({ timeout: 60, resolver }).get('http://images.example/a'));
    expect(error.failure).toBe('timeout');
  });

  test('is a name that does not resolve', async () => {
    const resolver = () => Promise.reject(new Error('ENOTFOUND'));
    const error = await failureOf(client({ resolver }).get('http://images.example/a'));
    expect([error.failure, error.message]).toEqual(['unreachable', 'its host name cannot be resolved']);
  });

  test('is a caller who no longer wants it', async () => {
    const upstream = await serve({});
    const abort = new AbortController();
    const failure = failureOf(client().get(`http://images.example:${upstream.port}/a`, abort.signal));
    while (upstream.requests.length === 0) await Bun.sleep(1);
    abort.abort();
    expect((await failure).failure).toBe('cancelled');
    while (!upstream.connections.every(({ gone }) => gone)) await Bun.sleep(1);
  });
});

describe('behind a proxy', () => {
  test('the proxy resolves, and addresses and names that are not public are refused all the same', async () => {
    const { port } = await serve({ '/a': ok('by proxy') });
    const proxy = await recordingProxy();
    try {
      const environment = { http_proxy: `http://${proxy.label}`, https_proxy: `http://${proxy.label}` };
      const resolver = () => Promise.reject(new Error('resolved'));
      const rules = { allowHttp: true, isAllowed: isPublicAddress };
      const proxied = client({ environment, resolver, rules });
      const { bytes } = await proxied.get(`http://images.example:${port}/a`);
      expect(Buffer.from(bytes).toString()).toBe('by proxy');
      expect(proxy.heads[0]).toStartWith(`GET http://images.example:${port}/a HTTP/1.1`);
      for (const url of ['https://10.0.0.1/a', 'https://metadata.google.internal/a', 'https://[::1]/a']) {
        expect((await failureOf(proxied.get(url))).failure).toBe('refused');
      }
      expect(proxy.heads.length).toBe(1);
    } finally {
      proxy.close();
    }
  });
});
