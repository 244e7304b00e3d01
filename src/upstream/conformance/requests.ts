import { expect } from 'bun:test';
import { Secret } from '../../core/secret.ts';
import type { Destination } from '../port.ts';
import { type RawRequest, type RawUpstream, rawUpstream } from './raw-upstream.ts';
import { bodyText, PATIENT, post, type Suite } from './suite.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** What goes out: request line, headers and body, byte by byte. */
export function describeRequests({ check, transport }: Suite): void {
  const answered = (hostname = '127.0.0.1'): Promise<RawUpstream> =>
    rawUpstream({ hostname, answer: ({ socket }) => socket.write(OK) });

  /** The request as the upstream saw it. */
  async function sent(destination: Destination, body: string | Uint8Array | null): Promise<RawRequest> {
    const upstream = await answered();
    try {
      const url = destination.url.replace('PORT', String(upstream.port));
      const attempt = transport()
        .prepare({ ...destination, url }, PATIENT)
        .send(body);
      expect(await bodyText(await attempt.response)).toBe('ok');
      const request = upstream.requests[0];
      if (request === undefined) throw new Error('The upstream saw no request.');
      return { ...request, head: request.head.replaceAll(String(upstream.port), 'PORT') };
    } finally {
      upstream.close();
    }
  }

  check('request: path, query and headers arrive as given, fragment and secrets excepted', async () => {
    const headers = [
      ['Content-Type', 'application/json'],
      ['authorization', new Secret('Bearer key')],
      ['x-note', ' a, b; c="d" '],
    ] as const;
    const { head } = await sent({ method: 'POST', url: 'http://127.0.0.1:PORT/v1/a%2Fb;c?d=%20&e=f#g', headers }, '{}');
    const lines = head.toLowerCase().split('\r\n');
    expect(head.split('\r\n')[0]).toBe('POST /v1/a%2Fb;c?d=%20&e=f HTTP/1.1');
    expect(lines).toContain('host: 127.0.0.1:port');
    expect(lines).toContain('content-type: application/json');
    expect(lines).toContain('authorization: bearer key');
    expect(lines).toContain('x-note: a, b; c="d"');
    expect(lines).toContain('accept-encoding: identity');
    expect(lines).toContain('user-agent: sluice');
    expect(lines).toContain('content-length: 2');
    for (const name of ['host', 'content-length', 'accept', 'accept-encoding', 'user-agent']) {
      expect(lines.filter((line) => line.startsWith(`${name}:`)).length).toBe(1);
    }
  });

  check('request: GET has no body and no length; a POST of nothing has length 0', async () => {
    const get = await sent({ method: 'GET', url: 'http://127.0.0.1:PORT?x', headers: [] }, null);
    expect(get.head.split('\r\n')[0]).toBe('GET /?x HTTP/1.1');
    expect(get.head.toLowerCase()).not.toContain('content-length');
    const empty = await sent({ method: 'POST', url: 'http://127.0.0.1:PORT', headers: [] }, null);
    expect(empty.head.split('\r\n')[0]).toBe('POST / HTTP/1.1');
    expect(empty.head.toLowerCase()).toContain('\r\ncontent-length: 0\r\n');
  });

  check('request: a given accept-encoding, user-agent and host take the place of ours', async () => {
    const headers = [
      ['Accept-Encoding', 'gzip'],
      ['User-Agent', 'client/1'],
      ['Host', 'virtual.example'],
    ] as const;
    const { head } = await sent({ method: 'GET', url: 'http://127.0.0.1:PORT/', headers }, null);
    const lines = head.toLowerCase().split('\r\n');
    expect(lines.filter((line) => /^(accept-encoding|user-agent|host):/.test(line)).sort()).toEqual([
      'accept-encoding: gzip',
      'host: virtual.example',
      'user-agent: client/1',
    ]);
  });

  check('request: user information becomes Basic authentication and goes nowhere else', async () => {
    const { head } = await sent({ method: 'GET', url: 'http://us%40er:p:w@127.0.0.1:PORT/x', headers: [] }, null);
    expect(head.toLowerCase()).toContain('\r\nhost: 127.0.0.1:port\r\n');
    const expected = `Basic ${Buffer.from('us@er:p:w').toString('base64')}`;
    expect(/\r\nauthorization: (.*)\r\n/i.exec(head)?.[1]).toBe(expected);
    const headers = [['authorization', 'Bearer mine']] as const;
    const given = await sent({ method: 'GET', url: 'http://user:word@127.0.0.1:PORT/x', headers }, null);
    expect(/\r\nauthorization: (.*)\r\n/i.exec(given.head)?.[1]).toBe('Bearer mine');
  });

  for (const [title, body] of [
    ['text beyond ASCII', '{"a":"é漢🚰\\ud83d"}'],
    ['text with half a surrogate pair', `"${'\ud83d'}"`],
    ['bytes', new Uint8Array([0, 255, 128, 10, 13])],
    ['bytes inside a larger buffer', new Uint8Array(64).fill(7).subarray(9, 30)],
    ['60 KiB of text', 'é'.repeat(30_000)],
    ['1 MiB of text', 'ab漢'.repeat(200_000)],
    ['60 KiB of bytes', new Uint8Array(60_000).fill(97)],
  ] as const) {
    check(`request: ${title} arrives whole, with its length in bytes`, async () => {
      const expected = Buffer.from(body as string);
      const request = await sent({ method: 'POST', url: 'http://127.0.0.1:PORT/x', headers: [] }, body);
      expect(request.head.toLowerCase()).toContain(`\r\ncontent-length: ${expected.length}\r\n`);
      expect(request.body.equals(expected)).toBe(true);
    });
  }

  for (const [title, make] of [
    ['text', () => 'x'.repeat(32 << 20)],
    ['bytes', () => new Uint8Array(32 << 20).fill(120)],
  ] as const) {
    check(`request: 32 MiB of ${title} to a slow upstream arrive whole, and the connection is kept`, async () => {
      const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(OK) });
      try {
        const client = transport();
        expect(await bodyText(await post(client, upstream.url, make()).response)).toBe('ok');
        expect(upstream.requests[0]?.body.equals(Buffer.alloc(32 << 20, 120))).toBe(true);
        expect(await bodyText(await post(client, upstream.url, 'next').response)).toBe('ok');
        expect(upstream.requests[1]?.body.toString()).toBe('next');
        expect(upstream.connections.length).toBe(1);
      } finally {
        upstream.close();
      }
    });
  }

  check('request: an IPv6 literal and a name with two families are reached', async () => {
    for (const [listen, host] of [
      ['::1', '[::1]'],
      ['::1', 'localhost'],
      ['127.0.0.1', 'localhost'],
    ] as const) {
      const upstream = await answered(listen);
      try {
        const url = `http://${host}:${upstream.port}/x`;
        expect(await bodyText(await post(transport(), url).response)).toBe('ok');
        expect(upstream.requests[0]?.head.toLowerCase()).toContain(`\r\nhost: ${host}:${upstream.port}\r\n`);
      } finally {
        upstream.close();
      }
    }
  });

  check(
    'request: an answer before the request is sent is delivered, and the connection is not used again',
    async () => {
      const upstream = await rawUpstream({
        accept: ({ socket }) => {
          socket.once('data', () => {
            socket.pause();
            socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge');
          });
        },
      });
      try {
        const client = transport();
        const response = await post(client, upstream.url, new Uint8Array(32 << 20)).response;
        expect([response.status, await bodyText(response)]).toEqual([413, 'large']);
        await post(client, upstream.url).response;
        expect(upstream.connections.length).toBe(2);
      } finally {
        upstream.close();
      }
    },
  );

  check('request: what would break out of the head is refused when it is prepared, secrets untold', async () => {
    const client = transport();
    const prepare = (url: string, headers: Destination['headers'] = []) => {
      try {
        client.prepare({ method: 'POST', url, headers }, PATIENT);
      } catch (error) {
        return String(error);
      }
      return 'prepared';
    };
    for (const url of [
      'http://h/a\r\nx: y',
      'http://h/a b',
      'http://h/\tb',
      'http://h\\@evil/',
      'http://h/é',
      'ftp://h/',
    ]) {
      expect(prepare(url)).toContain('URL');
    }
    for (const value of ['k3y\r\nx: y', 'k3y\n', 'k3y\0', 'k3y\x7f', 'k3yé']) {
      const message = prepare('http://h/', [['x-api-key', new Secret(value)]]);
      expect(message).toContain('x-api-key');
      expect(message).not.toContain('k3y');
    }
    expect(prepare('http://h/', [['x y', 'z']])).toContain('name');
    expect(prepare('http://h/', [['x:y', 'z']])).toContain('name');
    for (const name of ['Content-Length', 'transfer-encoding', 'Connection']) {
      expect(prepare('http://h/', [[name, '1']])).toContain(name);
    }
    expect(prepare('http://h/', [['x-fine', 'a\tb']])).toBe('prepared');
  });

  check('request: headers of one request go with it alone, in place of those of the same name', async () => {
    const upstream = await answered();
    try {
      const headers = [
        ['Authorization', 'Bearer fixed'],
        ['x-kept', 'yes'],
      ] as const;
      const prepared = transport().prepare({ method: 'POST', url: upstream.url, headers }, PATIENT);
      const signed = [
        ['authorization', ' signed '],
        ['X-Date', '1'],
      ] as const;
      for (const more of [signed, undefined])
        expect(await bodyText(await prepared.send('{}', more).response)).toBe('ok');
      const [first, second] = upstream.requests.map(({ head }) => head.toLowerCase().split('\r\n'));
      for (const line of ['authorization: signed', 'x-date: 1', 'x-kept: yes', 'content-length: 2']) {
        expect(first?.filter((sentLine) => sentLine === line)).toHaveLength(1);
      }
      expect(first).not.toContain('authorization: bearer fixed');
      expect(second).toContain('authorization: bearer fixed');
      expect(second).not.toContain('x-date: 1');
      expect(upstream.requests.map(({ body }) => body.toString())).toEqual(['{}', '{}']);
    } finally {
      upstream.close();
    }
  });

  check('request: headers of one request that would break out of the head are refused, their values untold', () => {
    const prepared = transport().prepare({ method: 'POST', url: 'http://127.0.0.1:1/', headers: [] }, PATIENT);
    const refusal = (name: string, value: string): string => {
      try {
        prepared.send('{}', [[name, value]]).cancel();
      } catch (error) {
        return String(error);
      }
      return 'sent';
    };
    for (const value of ['k3y\r\nx: y', 'k3y\n', 'k3y\0', 'k3y\x7f', 'k3yé']) {
      expect(refusal('authorization', value)).toContain('authorization');
      expect(refusal('authorization', value)).not.toContain('k3y');
    }
    for (const name of ['x y', 'x:y', '', 'Content-Length', 'transfer-encoding', 'Connection']) {
      expect(refusal(name, '1')).not.toBe('sent');
    }
    return Promise.resolve();
  });
}
