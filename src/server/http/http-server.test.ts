import { afterEach, describe, expect, test } from 'bun:test';
import type { HttpRequest } from './http-request.ts';
import { HttpServer } from './http-server.ts';
import { dial, hangUp } from './testing/raw-client.ts';

let server: HttpServer | null = null;

afterEach(async () => {
  hangUp();
  await server?.drain(0);
  server = null;
});

/** Answers with what it was sent, unless told otherwise. */
async function echo(request: HttpRequest): Promise<void> {
  try {
    const body = await request.body(1_000_000);
    request.respond(200, 'content-type: text/plain\r\n', `${request.head.method} ${request.head.target} ${body}`);
  } catch (error) {
    request.respond(413, '', String(error));
  }
}

function serve(handle: (request: HttpRequest) => void = echo): HttpServer {
  server = new HttpServer({ hostname: '127.0.0.1', port: 0, shared: false, handle });
  return server;
}

async function exchange(port: number, request: string): Promise<string> {
  const client = await dial(port);
  client.socket.write(request, 'latin1');
  return client.closed;
}

const bodyOf = (response: string): string => response.slice(response.indexOf('\r\n\r\n') + 4);
const POST = 'POST /path?q=1 HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello';

test('connections beyond the bound are answered with 503, and a place that is left is taken', async () => {
  let turnedAway = 0;
  server = new HttpServer({
    ...{ hostname: '127.0.0.1', port: 0, shared: false, handle: echo },
    ...{ maxConnections: 2, onTurnedAway: () => turnedAway++ },
  });
  const { port } = server;
  const [first, second] = [await dial(port), await dial(port)];
  second.socket.write(POST);
  await second.until((text) => text.endsWith('hello'));
  const third = await dial(port);
  third.socket.write(POST);
  third.socket.end();
  expect(await third.closed).toStartWith('HTTP/1.1 503 Service Unavailable\r\n');
  expect(turnedAway).toBe(1);
  first.socket.end();
  await first.closed;
  const fourth = await dial(port);
  fourth.socket.write(POST);
  expect(await fourth.until((text) => text.endsWith('hello'))).toStartWith('HTTP/1.1 200');
});

test('of many connections beyond the bound some are cut off without a word, and none holds a place', async () => {
  server = new HttpServer({ hostname: '127.0.0.1', port: 0, shared: false, handle: echo, maxConnections: 0 });
  const { port } = server;
  const clients = await Promise.all(Array.from({ length: 100 }, () => dial(port)));
  for (const client of clients) client.socket.end();
  const answers = await Promise.all(clients.map((client) => client.closed));
  expect(answers.every((answer) => answer === '' || answer.startsWith('HTTP/1.1 503'))).toBe(true);
});

describe('a request', () => {
  test('is read whatever the cuts between its bytes', async () => {
    const { port } = serve();
    const requests = [
      POST,
      'POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nt: 1\r\n\r\n',
    ];
    for (const request of requests) {
      for (let cut = 1; cut < request.length; cut++) {
        const client = await dial(port);
        client.socket.write(request.slice(0, cut));
        await new Promise((resolve) => setImmediate(resolve));
        client.socket.write(request.slice(cut));
        const response = await client.until((text) => text.endsWith('hello'));
        expect(response).toStartWith('HTTP/1.1 200 OK\r\n');
        client.socket.destroy();
      }
    }
  });

  test('follows another on the connection, without waiting for its answer', async () => {
    const { port } = serve();
    const client = await dial(port);
    client.socket.write(`${POST}GET /second HTTP/1.1\r\nhost: x\r\n\r\n${POST}`);
    const text = await client.until((received) => received.split('HTTP/1.1 200 OK').length === 4);
    expect(text.indexOf('POST /path?q=1 hello')).toBeLessThan(text.indexOf('GET /second '));
    expect(text.lastIndexOf('POST /path?q=1 hello')).toBeGreaterThan(text.indexOf('GET /second '));
  });

  test('in HTTP/1.0 closes the connection unless it asks to keep it', async () => {
    const { port } = serve();
    expect(bodyOf(await exchange(port, 'GET /old HTTP/1.0\r\n\r\n'))).toBe('GET /old ');
    const client = await dial(port);
    client.socket.write('GET /1 HTTP/1.0\r\nconnection: keep-alive\r\n\r\n');
    expect(await client.until((text) => text.includes('GET /1 '))).toContain('connection: keep-alive\r\n');
    client.socket.write('GET /2 HTTP/1.0\r\n\r\n');
    expect(await client.closed).toContain('GET /2 ');
  });

  test('that expects 100 Continue gets it before it sends the body', async () => {
    const { port } = serve();
    const client = await dial(port);
    client.socket.write('POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n');
    await client.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
    client.socket.write('ok');
    expect(await client.until((text) => text.endsWith('POST / ok'))).toContain('HTTP/1.1 200 OK');
  });

  test('has a target in absolute form, and an empty line before it', async () => {
    const { port } = serve();
    const response = await exchange(port, '\r\nGET http://h:1/a?b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(bodyOf(response)).toBe('GET /a?b ');
  });

  test('of HEAD is answered without a body', async () => {
    const { port } = serve();
    const response = await exchange(port, 'HEAD /h HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(response).toContain('content-length: 8\r\n');
    expect(bodyOf(response)).toBe('');
  });
});

describe('what could be read in two ways is refused, and nothing behind it is read', () => {
  const head = (...fields: string[]) => `POST / HTTP/1.1\r\nhost: x\r\n${fields.join('\r\n')}\r\n\r\n`;
  const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';
  const cases: ReadonlyArray<readonly [name: string, request: string]> = [
    ['two framings', `${head('content-length: 4', 'transfer-encoding: chunked')}0\r\n\r\n`],
    ['two lengths', `${head('content-length: 4', 'content-length: 5')}abcd`],
    ['a negative length', head('content-length: -1')],
    ['a length with a sign', `${head('content-length: +1')}a`],
    ['a hexadecimal length', `${head('content-length: 0x1')}a`],
    ['another coding', head('transfer-encoding: gzip, chunked')],
    ['chunked twice', `${head('transfer-encoding: chunked', 'transfer-encoding: chunked')}0\r\n\r\n`],
    ['a coding in disguise', head('transfer-encoding: xchunked')],
    ['a space before the colon', `${head('content-length : 4')}abcd`],
    ['a folded header', head('a: b', ' c')],
    ['a line feed alone', 'GET / HTTP/1.1\nhost: x\n\n'],
    ['a NUL in a header', head('a: b\0c')],
    ['a carriage return in a header', head('a: b\rc')],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two hosts', head('host: y')],
    ['a chunk size that is none', `${head('transfer-encoding: chunked')}zz\r\n`],
    ['a chunk longer than its size', `${head('transfer-encoding: chunked')}1\r\nab\r\n0\r\n\r\n`],
    ['a chunk in HTTP/1.0', 'POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a method in lower case', 'get / HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a target with a space', 'GET /a b HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['another version', 'GET / HTTP/2.0\r\nhost: x\r\n\r\n'],
    ['the beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a head without end', `GET / HTTP/1.1\r\nhost: x\r\na: ${'a'.repeat(70_000)}`],
  ];
  for (const [name, request] of cases) {
    test(name, async () => {
      const targets: string[] = [];
      const { port } = serve((received) => {
        targets.push(received.head.target);
        void echo(received);
      });
      const response = await exchange(port, request + smuggled);
      expect(response).not.toContain('200 OK');
      expect(targets).not.toContain('/smuggled');
      expect(response).toMatch(/^HTTP\/1\.1 4(00|31) /);
      expect(response).toContain('connection: close\r\n');
    });
  }
});

describe('an answer', () => {
  test('reaches a client that is still sending', async () => {
    const { port } = serve((request) => request.respond(413, '', 'too large'));
    const client = await dial(port);
    client.socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 50000000\r\n\r\n${'a'.repeat(500_000)}`);
    expect(await client.closed).toContain('connection: close\r\ncontent-length: 9\r\n\r\ntoo large');
  });

  test('to a request whose short body nobody wanted keeps the connection', async () => {
    const { port } = serve((request) => request.respond(404, '', 'no'));
    const client = await dial(port);
    client.socket.write('POST /1 HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n');
    await client.until((text) => text.endsWith('no'));
    client.socket.write('abcdGET /2 HTTP/1.1\r\nhost: x\r\n\r\n');
    await client.until((text) => text.split('404').length === 3);
    expect(client.received()).not.toContain('close');
  });

  test('of megabytes arrives whole, in UTF-8', async () => {
    const large = 'añ😀'.repeat(500_000);
    const { port } = serve((request) => request.respond(200, '', large));
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect((await response.text()) === large).toBe(true);
  });

  test('streams in chunks, and to HTTP/1.0 until the end of the connection', async () => {
    const { port } = serve((request) => {
      request.startStream(200, 'content-type: text/event-stream\r\n');
      request.write('data: 1\n\n');
      request.end('data: \xc3\xb1\n\n');
    });
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect(response.headers.get('transfer-encoding')).toBe('chunked');
    expect(await response.text()).toBe('data: 1\n\ndata: ñ\n\n');
    expect(bodyOf(await exchange(port, 'GET / HTTP/1.0\r\n\r\n'))).toBe('data: 1\n\ndata: \xc3\xb1\n\n');
  });

  test('waits for a slow reader instead of filling memory', async () => {
    const piece = 'x'.repeat(100_000);
    let written = 0;
    const { port } = serve((request) => {
      const more = () => {
        while (written < 500) {
          written++;
          if (!request.write(piece)) return;
        }
        request.end('');
      };
      request.onDrain = more;
      request.startStream(200, '');
      more();
    });
    const client = await dial(port);
    client.socket.pause();
    client.socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    await Bun.sleep(300);
    expect(written).toBeLessThan(200);
    client.socket.resume();
    const response = await client.closed;
    expect(response.match(/x/g)?.length).toBe(500 * 100_000);
  });

  test('is given up when the client leaves', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { port } = serve((request) => {
      request.onGone = () => resolve(request.head.target);
    });
    const client = await dial(port);
    client.socket.write('GET /left HTTP/1.1\r\nhost: x\r\n\r\n');
    await Bun.sleep(50);
    client.socket.destroy();
    expect(await promise).toBe('/left');
  });
});

describe('draining', () => {
  test('closes idle connections, answers what is under way, and then is done', async () => {
    let answer: () => void = () => {};
    const started = serve((request) => {
      answer = () => request.respond(200, '', 'late');
    });
    const idle = await dial(started.port);
    const busy = await dial(started.port);
    busy.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await Bun.sleep(50);
    const drained = started.drain(5000);
    expect(await idle.closed).toBe('');
    answer();
    expect(await busy.closed).toContain('connection: close\r\ncontent-length: 4\r\n\r\nlate');
    expect(await drained).toBe(true);
  });

  test('cuts off what is under way at the deadline', async () => {
    const started = serve(() => {});
    const busy = await dial(started.port);
    busy.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await Bun.sleep(50);
    expect(await started.drain(50)).toBe(false);
    expect(await busy.closed).toBe('');
  });
});
