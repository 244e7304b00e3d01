import { expect } from 'bun:test';
import type { BodyStream, Destination } from '../port.ts';
import { type RawUpstream, rawUpstream } from './raw-upstream.ts';
import { bodyText, failureOf, PATIENT, post, type Suite, turn, until } from './suite.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const MIB = 1 << 20;

/** A body of which a test says what comes when. */
class Source implements BodyStream {
  readonly length: number | null;
  /** Bytes that were taken. */
  taken = 0;
  isCancelled = false;
  readonly #pieces: AsyncIterator<Uint8Array>;

  constructor(length: number | null, pieces: AsyncIterable<Uint8Array>) {
    this.length = length;
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  async read(): Promise<Uint8Array | null> {
    const { value, done } = await this.#pieces.next();
    if (done === true) return null;
    this.taken += value.length;
    return value;
  }

  cancel(): void {
    this.isCancelled = true;
  }
}

async function* texts(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await turn();
    yield Buffer.from(piece);
  }
}

async function* many(count: number, bytes = 65_536): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield new Uint8Array(bytes).fill(index & 0xff);
}

/** Yields once, and then says nothing more. */
async function* stalled(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('first');
  await new Promise(() => {});
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('first');
  throw new Error('the client left');
}

/** Keeps what arrives, and answers when the test says so. */
async function collector(): Promise<RawUpstream & { text(): string }> {
  let received: Buffer[] = [];
  const upstream = await rawUpstream({
    accept: ({ socket }) => {
      received = [];
      socket.on('data', (bytes: Buffer) => received.push(bytes));
    },
  });
  return Object.assign(upstream, { text: () => Buffer.concat(received).toString('latin1') });
}

const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);

/** Bodies that come in pieces, and requests of any method. */
export function describeUploads({ check, transport }: Suite): void {
  const put = (url: string): Destination => ({ method: 'PUT', url, headers: [['content-type', 'text/plain']] });

  check('upload: a length that is known is sent, and the pieces as they come', async () => {
    const upstream = await collector();
    try {
      const source = new Source(10, texts('hel', 'lo', ' you', '!'));
      const attempt = transport().request(put(upstream.url), PATIENT, source);
      await until(() => upstream.text().endsWith('hello you!'), 'the body');
      upstream.connections[0]?.socket.write(OK);
      expect(await bodyText(await attempt.response)).toBe('ok');
      expect(upstream.text()).toStartWith('PUT /v1/chat HTTP/1.1\r\n');
      expect(upstream.text().toLowerCase()).toContain('\r\ncontent-length: 10\r\n');
      expect(upstream.text().toLowerCase()).not.toContain('transfer-encoding');
    } finally {
      upstream.close();
    }
  });

  check('upload: without a length it goes in chunks, each when it comes', async () => {
    const upstream = await collector();
    try {
      const { promise: more, resolve: goOn } = Promise.withResolvers<void>();
      const source = new Source(
        null,
        (async function* () {
          yield Buffer.from('hello');
          await more;
          yield Buffer.alloc(40_000, 120);
        })(),
      );
      const attempt = transport().request(put(upstream.url), PATIENT, source);
      await until(() => upstream.text().includes('\r\n\r\n5\r\nhello\r\n'), 'the first chunk');
      goOn();
      await until(() => upstream.text().endsWith('0\r\n\r\n'), 'the last chunk');
      upstream.connections[0]?.socket.write(OK);
      expect(await bodyText(await attempt.response)).toBe('ok');
      expect(upstream.text().toLowerCase()).toContain('\r\ntransfer-encoding: chunked\r\n');
      expect(upstream.text().toLowerCase()).not.toContain('content-length');
      expect(bodyOf(upstream.text()).replaceAll(/\r\n[0-9a-f]+\r\n/g, '').length).toBeGreaterThan(40_000);
    } finally {
      upstream.close();
    }
  });

  check('upload: 48 MiB arrive whole', async () => {
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(OK) });
    try {
      const client = transport();
      const source = new Source(48 * MIB, many(768));
      expect(await bodyText(await client.request(put(upstream.url), PATIENT, source).response)).toBe('ok');
      const body = upstream.requests[0]?.body;
      expect(body?.length).toBe(48 * MIB);
      expect([body?.[0], body?.[65_536], body?.at(-1)]).toEqual([0, 1, 767 & 0xff]);
    } finally {
      upstream.close();
    }
  });

  check('upload: the connection is kept when all was sent', async () => {
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(OK) });
    try {
      const client = transport();
      const source = new Source(5, texts('hel', 'lo'));
      expect(await bodyText(await client.request(put(upstream.url), PATIENT, source).response)).toBe('ok');
      expect(await bodyText(await post(client, upstream.url).response)).toBe('ok');
      expect(upstream.connections.length).toBe(1);
    } finally {
      upstream.close();
    }
  });

  check('upload: many of them, one after another, do not leave many connections', async () => {
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(OK) });
    try {
      const client = transport();
      for (let count = 0; count < 5; count++) {
        const source = new Source(5, texts('hello'));
        expect(await bodyText(await client.request(put(upstream.url), PATIENT, source).response)).toBe('ok');
      }
      expect(client.statistics().open).toBeLessThanOrEqual(1);
      expect(upstream.requests.map(({ body }) => String(body))).toEqual(Array(5).fill('hello'));
    } finally {
      upstream.close();
    }
  });

  check('upload: an upstream that does not read slows the source', async () => {
    const upstream = await rawUpstream({ accept: ({ socket }) => void socket.once('data', () => socket.pause()) });
    try {
      const source = new Source(null, many(4096));
      const attempt = transport().request(put(upstream.url), PATIENT, source);
      await until(() => source.taken > MIB, 'the first bytes');
      let before = -1;
      while (before !== source.taken) {
        before = source.taken;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(source.taken).toBeLessThan(64 * MIB);
      upstream.connections[0]?.socket.resume();
      await until(() => source.taken === 256 * MIB, 'the rest');
      attempt.cancel();
      await failureOf(attempt.response);
    } finally {
      upstream.close();
    }
  });

  check('upload: an answer before its end is delivered, and the source is left', async () => {
    const early = 'HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge';
    const upstream = await rawUpstream({ accept: ({ socket }) => void socket.once('data', () => socket.write(early)) });
    try {
      const client = transport();
      const source = new Source(1000, stalled());
      const response = await client.request(put(upstream.url), PATIENT, source).response;
      expect([response.status, await bodyText(response)]).toEqual([413, 'large']);
      await until(() => source.isCancelled, 'the source to be left');
      await post(client, upstream.url).response;
      expect(upstream.connections.length).toBe(2);
    } finally {
      upstream.close();
    }
  });

  check('upload: a source that breaks off cuts the request, so that nobody takes it for whole', async () => {
    for (const length of [null, 1000]) {
      const upstream = await collector();
      try {
        const { response } = transport().request(put(upstream.url), PATIENT, new Source(length, broken()));
        const error = await failureOf(response);
        expect(error.failure).toBe('cancelled');
        expect(String(error.cause)).toContain('the client left');
        await until(() => upstream.connections.every(({ gone }) => gone), 'the connection to be closed');
        expect(upstream.text()).not.toEndWith('0\r\n\r\n');
      } finally {
        upstream.close();
      }
    }
  });

  for (const [title, length] of [
    ['shorter', 20],
    ['longer', 3],
  ] as const) {
    check(`upload: a source that is ${title} than it said fails`, async () => {
      const upstream = await collector();
      try {
        const source = new Source(length, texts('hello', 'you'));
        const error = await failureOf(transport().request(put(upstream.url), PATIENT, source).response);
        expect(error.failure).toBe('cancelled');
        expect(String(error.cause)).toContain('not as long');
        await until(() => upstream.connections.every(({ gone }) => gone), 'the connection to be closed');
        expect(bodyOf(upstream.text()).length).not.toBe(length);
      } finally {
        upstream.close();
      }
    });
  }

  check('upload: cancelled on its way', async () => {
    const upstream = await collector();
    try {
      const client = transport();
      const source = new Source(null, stalled());
      const attempt = client.request(put(upstream.url), PATIENT, source);
      await until(() => upstream.text().includes('first'), 'the first piece');
      attempt.cancel();
      expect((await failureOf(attempt.response)).failure).toBe('cancelled');
      await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
      expect(source.isCancelled).toBe(true);
      expect(client.statistics().open).toBe(0);
    } finally {
      upstream.close();
    }
  });

  check('upload: a slow source is no slow upstream, and a slow upstream is one', async () => {
    const upstream = await collector();
    try {
      const impatient = { ...PATIENT, connect: 100, firstByte: 200 };
      const slow = (async function* () {
        yield Buffer.from('a');
        await new Promise((resolve) => setTimeout(resolve, 1000));
        yield Buffer.from('b');
      })();
      const attempt = transport().request(put(upstream.url), impatient, new Source(2, slow));
      const error = await failureOf(attempt.response);
      expect(error.failure).toBe('first_byte_timeout');
      expect(bodyOf(upstream.text())).toBe('ab');
    } finally {
      upstream.close();
    }
  });

  check('request: any method goes out, but those of proxies; HEAD is answered without its body', async () => {
    const upstream = await rawUpstream({
      answer: ({ socket }, { head }) =>
        socket.write(head.startsWith('HEAD') ? OK.slice(0, -2).replace(': 2', ': 99') : OK),
    });
    try {
      const client = transport();
      for (const method of ['GET', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD', 'PUT']) {
        const response = await client.request({ method, url: upstream.url, headers: [] }, PATIENT, null).response;
        expect(await bodyText(response)).toBe(method === 'HEAD' ? '' : 'ok');
        expect(response.header('content-length')).toBe(method === 'HEAD' ? '99' : '2');
      }
      const lengths = upstream.requests.map(({ head }) => [
        head.split(' ')[0],
        /content-length: (\d+)/i.exec(head)?.[1],
      ]);
      expect(lengths).toContainEqual(['PATCH', '0']);
      for (const method of ['CONNECT', 'TRACE', 'get', 'A B', '']) {
        expect(() => client.request({ method, url: upstream.url, headers: [] }, PATIENT, null)).toThrow('method');
      }
    } finally {
      upstream.close();
    }
  });

  check('response: every header can be listed', async () => {
    const head = 'HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 2\r\nx-two:  b, c \r\n\r\nok';
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(head) });
    try {
      const destination = { method: 'GET', url: upstream.url, headers: [] };
      const response = await transport().request(destination, PATIENT, null).response;
      const fields = [...response.fields()].map(([name, value]) => `${name.toLowerCase()}=${value}`);
      expect(fields.sort()).toEqual(['content-length=2', 'x-one=1', 'x-two=b, c']);
      expect(await bodyText(response)).toBe('ok');
    } finally {
      upstream.close();
    }
  });
}
