import { afterEach, describe, expect, test } from 'bun:test';
import type { Tunnel } from '../../upstream/port.ts';
import { type HttpRequest, RequestCutError } from './http-request.ts';
import { HttpServer } from './http-server.ts';
import { dial, hangUp } from './testing/raw-client.ts';

const MIB = 1 << 20;

let server: HttpServer | null = null;

afterEach(async () => {
  hangUp();
  await server?.drain(0);
  server = null;
});

function serve(handle: (request: HttpRequest) => void): number {
  server = new HttpServer({ hostname: '127.0.0.1', port: 0, shared: false, handle });
  return server.port;
}

const head = (more: string, method = 'POST'): string => `${method} /up HTTP/1.1\r\nhost: x\r\n${more}\r\n`;

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('never happened');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('a body that is read as it comes', () => {
  test('comes in its pieces, with its length where it is known', async () => {
    const seen: string[] = [];
    const port = serve(async (request) => {
      const body = request.stream();
      seen.push(String(body.length));
      for (let bytes = await body.read(); bytes !== null; bytes = await body.read()) seen.push(String(bytes));
      request.respond(200, '', 'done');
    });
    const client = await dial(port);
    client.socket.write(`${head('content-length: 8\r\n')}he`);
    await until(() => seen.length === 2);
    client.socket.write('llo');
    await until(() => seen.length === 3);
    client.socket.write(`you${head('transfer-encoding: chunked\r\n')}3\r\nabc\r\n`);
    await until(() => seen.length === 6);
    client.socket.write(`2\r\nde\r\n0\r\n\r\n${head('content-length: 2\r\n')}xy${head('', 'GET')}`);
    await client.until((text) => text.split('done').length === 5);
    expect(seen).toEqual(['8', 'he', 'llo', 'you', 'null', 'abc', 'de', '2', 'xy', '0']);
  });

  test('is announced once to a client that expects 100 Continue', async () => {
    const port = serve(async (request) => {
      const body = request.stream();
      let text = '';
      for (let bytes = await body.read(); bytes !== null; bytes = await body.read()) text += String(bytes);
      request.respond(200, '', text);
    });
    const client = await dial(port);
    client.socket.write(head('content-length: 4\r\nexpect: 100-continue\r\n'));
    await client.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
    client.socket.write('ab');
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.socket.write('cd');
    const text = await client.until((received) => received.endsWith('abcd'));
    expect(text.split('100 Continue').length).toBe(2);
  });

  test('pauses the client while nobody reads it', async () => {
    const { promise: mayRead, resolve: read } = Promise.withResolvers<void>();
    let size = 0;
    const port = serve(async (request) => {
      const body = request.stream();
      await mayRead;
      for (let bytes = await body.read(); bytes !== null; bytes = await body.read()) size += bytes.length;
      request.respond(200, '', 'done');
    });
    const client = await dial(port);
    client.socket.write(head(`content-length: ${64 * MIB}\r\n`));
    let isSent = false;
    client.socket.write(Buffer.alloc(64 * MIB), () => {
      isSent = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isSent).toBe(false);
    read();
    await client.until((text) => text.endsWith('done'));
    expect(size).toBe(64 * MIB);
  });

  test('rejects when the client leaves before its end', async () => {
    const { promise: failure, resolve } = Promise.withResolvers<unknown>();
    const port = serve(async (request) => {
      const body = request.stream();
      try {
        while ((await body.read()) !== null);
      } catch (error) {
        resolve(error);
      }
    });
    const client = await dial(port);
    client.socket.write(`${head('content-length: 8\r\n')}he`);
    client.socket.end();
    expect(await failure).toBeInstanceOf(RequestCutError);
  });

  test('may be answered while it comes, and then goes on', async () => {
    const port = serve(async (request) => {
      const body = request.stream();
      request.startStream(200, '');
      for (let bytes = await body.read(); bytes !== null; bytes = await body.read()) request.writeBytes(bytes);
      request.end('.');
    });
    const client = await dial(port);
    client.socket.write(`${head('content-length: 4\r\n')}ab`);
    await client.until((text) => text.endsWith('\r\n2\r\nab\r\n'));
    client.socket.write('cd');
    const text = await client.until((received) => received.endsWith('0\r\n\r\n'));
    expect(text).toContain('\r\n\r\n2\r\nab\r\n2\r\ncd\r\n1\r\n.\r\n0\r\n\r\n');
  });

  test('of which the rest is not wanted does not keep the client from its answer', async () => {
    const port = serve(async (request) => {
      const body = request.stream();
      await body.read();
      body.cancel();
      request.respond(413, '', 'enough');
    });
    for (const framing of [`content-length: ${64 * MIB}\r\n`, 'transfer-encoding: chunked\r\n']) {
      const client = await dial(port);
      client.socket.write(`${head(framing)}400000\r\n`);
      client.socket.write(Buffer.alloc(4 * MIB));
      const text = await client.until((received) => received.endsWith('enough'));
      expect(text).toContain('connection: close\r\n');
    }
  });
});

describe('an answer', () => {
  test('in bytes comes whole, in chunks or with its length', async () => {
    const bytes = new Uint8Array(100_000).map((_, index) => index * 7);
    const port = serve((request) => {
      request.startStream(200, '', request.head.target === '/up' ? bytes.length : null);
      request.writeBytes(bytes.subarray(0, 1000));
      request.writeBytes(bytes.subarray(1000));
      request.end('');
    });
    for (const path of ['up', 'chunks']) {
      const response = await fetch(`http://127.0.0.1:${port}/${path}`);
      expect(response.headers.get('content-length')).toBe(path === 'up' ? '100000' : null);
      expect(Buffer.from(await response.bytes()).equals(Buffer.from(bytes))).toBe(true);
    }
    const client = await dial(port);
    client.socket.write(`${head('', 'GET')}${head('', 'GET')}`);
    await client.until((text) => text.length > 200_000 && text.split('HTTP/1.1 200').length === 3);
  });

  test('without a body keeps the connection in step', async () => {
    const port = serve((request) => request.respondWithoutBody(204, 'content-length: 7\r\n'));
    const client = await dial(port);
    client.socket.write(`${head('', 'HEAD')}${head('', 'HEAD')}`);
    const text = await client.until((received) => received.split('204 No Content').length === 3);
    expect(text.split('content-length: 7\r\n').length).toBe(3);
  });
});

describe('a connection that switches protocols', () => {
  const UPGRADE = head('connection: upgrade\r\nupgrade: toy\r\n', 'GET');

  function tunnels(start: (tunnel: Tunnel) => void): number {
    return serve((request) => start(request.switchProtocols('upgrade: toy\r\n')));
  }

  test('is bytes both ways, those behind the request among them', async () => {
    const port = tunnels((tunnel) =>
      tunnel.listen({ received: (bytes) => void tunnel.write(bytes), drained: () => {}, ended: () => {} }),
    );
    const client = await dial(port);
    client.socket.write(`${UPGRADE}early `);
    await client.until((text) => text.endsWith('\r\n\r\nearly '));
    client.socket.write('GET / HTTP/9\r\n\r\n\0');
    const text = await client.until((received) => received.endsWith('GET / HTTP/9\r\n\r\n\0'));
    expect(text).toStartWith('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: toy\r\n\r\n');
  });

  test('ends from either side, and says so once', async () => {
    let ends = 0;
    let last: Tunnel | null = null;
    const port = tunnels((tunnel) => {
      last = tunnel;
      tunnel.listen({ received: () => {}, drained: () => {}, ended: () => ends++ });
    });
    const leaving = await dial(port);
    leaving.socket.write(UPGRADE);
    await leaving.until((text) => text.includes('101'));
    leaving.socket.destroy();
    await until(() => ends === 1);
    const left = await dial(port);
    left.socket.write(UPGRADE);
    await left.until((text) => text.includes('101'));
    const tunnel = last as Tunnel | null;
    tunnel?.write(Buffer.from('bye'));
    tunnel?.end();
    expect(await left.closed).toEndWith('bye');
    expect(ends).toBe(2);
    tunnel?.destroy();
    tunnel?.write(Buffer.from('x'));
    expect(ends).toBe(2);
  });

  test('slows its writer down, and its sender', async () => {
    let received = 0;
    let drains = 0;
    let last: Tunnel | null = null;
    const port = tunnels((tunnel) => {
      last = tunnel;
      tunnel.listen({
        received: (bytes) => {
          received += bytes.length;
          tunnel.pause();
        },
        drained: () => drains++,
        ended: () => {},
      });
    });
    const client = await dial(port);
    client.socket.write(UPGRADE);
    await client.until((text) => text.includes('101'));
    client.socket.pause();
    const tunnel = last as Tunnel | null;
    let written = 0;
    while (tunnel?.write(Buffer.alloc(MIB)) === true) if (++written > 256) throw new Error('it takes everything');
    client.socket.write(Buffer.alloc(32 * MIB));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([received < 32 * MIB, drains]).toEqual([true, 0]);
    client.socket.resume();
    await until(() => drains === 1);
  });
});
