import { expect } from 'bun:test';
import { createGzip, gzipSync } from 'node:zlib';
import { type RawConnection, rawUpstream } from './raw-upstream.ts';
import { bodyText, failureOf, post, readText, type Suite, turn, until } from './suite.ts';

const MEBIBYTE = 1 << 20;

/** Bodies as they come: promptly, joined, no faster than the reader, no larger than allowed. */
export function describeStreaming({ check, transport }: Suite): void {
  check('stream: each event is readable before the next is sent', async () => {
    let write = (_text: string): void => {};
    const upstream = await rawUpstream({
      answer: ({ socket }) => {
        write = (text) => void socket.write(text);
        write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      },
    });
    try {
      const response = await post(transport(), upstream.url).response;
      for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: [DONE]\n\n']) {
        const read = response.read();
        await turn();
        write(`${event.length.toString(16)}\r\n${event}\r\n`);
        expect(Buffer.from((await read) ?? []).toString()).toBe(event);
      }
      write('0\r\n\r\n');
      expect(await response.read()).toBeNull();
      expect(await response.read()).toBeNull();
    } finally {
      upstream.close();
    }
  });

  check('stream: a compressed event is readable before the next is sent', async () => {
    const gzip = createGzip();
    const upstream = await rawUpstream({
      answer: ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n');
        gzip.on('data', (bytes: Buffer) => socket.write(bytes));
        gzip.on('end', () => socket.end());
      },
    });
    try {
      const response = await post(transport(), upstream.url).response;
      for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
        gzip.write(event);
        gzip.flush();
        expect(Buffer.from((await response.read()) ?? []).toString()).toBe(event);
      }
      gzip.end('data: [DONE]\n\n');
      expect(await readText(response)).toBe('data: [DONE]\n\n');
    } finally {
      upstream.close();
    }
  });

  check('stream: one read gives everything that waits', async () => {
    let sent = false;
    const upstream = await rawUpstream({
      answer: async ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        for (const piece of ['1\r\na\r\n1\r\nb\r\n', '1\r\nc\r\n', '1\r\nd\r\n0\r\n\r\n']) {
          await turn();
          socket.write(piece);
        }
        await turn();
        sent = true;
      },
    });
    try {
      const response = await post(transport(), upstream.url).response;
      await until(() => sent, 'the end of the response');
      expect(Buffer.from((await response.read()) ?? []).toString()).toBe('abcd');
      expect(await response.read()).toBeNull();
    } finally {
      upstream.close();
    }
  });

  check('stream: what arrived before the connection broke is read before the error', async () => {
    const upstream = await rawUpstream({
      answer: ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst'),
    });
    try {
      const response = await post(transport(), upstream.url).response;
      await until(() => upstream.connections[0]?.gone === true, 'the connection to end');
      expect(Buffer.from((await response.read()) ?? []).toString()).toBe('first');
      expect((await failureOf(response.read())).failure).toBe('closed');
      expect((await failureOf(response.read())).failure).toBe('closed');
    } finally {
      upstream.close();
    }
  });

  for (const framing of ['length', 'chunks'] as const) {
    check(
      `stream: while nobody reads, an upstream that sends by ${framing} is held back; then all arrives`,
      async () => {
        const total = 64 * MEBIBYTE;
        let taken = 0;
        const upstream = await rawUpstream({
          answer: ({ socket }) => flood(socket, framing, total, (bytes) => (taken = bytes)),
        });
        try {
          const response = await post(transport(), upstream.url).response;
          let before = -1;
          // Until the upstream makes no more progress: the buffers of both systems are full.
          while (taken !== before) {
            before = taken;
            await new Promise((resolve) => setTimeout(resolve, 150));
          }
          expect(taken).toBeLessThan(24 * MEBIBYTE);
          let size = 0;
          for (let bytes = await response.read(); bytes !== null; bytes = await response.read()) size += bytes.length;
          expect(size).toBe(total);
        } finally {
          upstream.close();
        }
      },
    );
  }

  check('stream: a body that ends with the connection does not end with a reset', async () => {
    let reset = (): void => {};
    const upstream = await rawUpstream({
      answer: ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\nsome');
        reset = () => socket.resetAndDestroy();
      },
    });
    try {
      const response = await post(transport(), upstream.url).response;
      expect(Buffer.from((await response.read()) ?? []).toString()).toBe('some');
      reset();
      expect((await failureOf(response.read())).failure).toBe('closed');
    } finally {
      upstream.close();
    }
  });

  check('stream: a broken encoding closes the connection', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 999\r\n\r\n';
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(`${head}no gzip at all`) });
    try {
      const response = await post(transport(), upstream.url).response;
      expect((await failureOf(response.read())).failure).toBe('bad_response');
      expect((await failureOf(response.read())).failure).toBe('bad_response');
      await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
    } finally {
      upstream.close();
    }
  });

  check('stream: a body within the limit is whole, one byte more is too_large and closes the connection', async () => {
    const upstream = await rawUpstream({
      answer: ({ socket }) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`),
    });
    try {
      const client = transport();
      expect((await (await post(client, upstream.url).response).bytes(300_000)).length).toBe(300_000);
      const response = await post(client, upstream.url).response;
      const error = await failureOf(response.bytes(299_999));
      expect([error.failure, error.dispatched]).toEqual(['too_large', true]);
      expect(error.message).toContain('299999');
      expect((await failureOf(response.read())).failure).toBe('too_large');
    } finally {
      upstream.close();
    }
  });

  check('stream: an endless body is too_large and the upstream sees the end', async () => {
    const upstream = await rawUpstream({ answer: ({ socket }) => flood(socket, 'chunks', 1e12, () => {}) });
    try {
      const error = await failureOf((await post(transport(), upstream.url).response).bytes(MEBIBYTE));
      expect(error.failure).toBe('too_large');
      await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
    } finally {
      upstream.close();
    }
  });

  check('stream: the limit counts decoded bytes, and a small body cannot blow up beyond it', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * MEBIBYTE));
    const upstream = await rawUpstream({
      answer: ({ socket }) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
        socket.write(bomb);
      },
    });
    try {
      const response = await post(transport(), upstream.url).response;
      expect((await failureOf(response.bytes(MEBIBYTE))).failure).toBe('too_large');
      const second = await post(transport(), upstream.url).response;
      let size = 0;
      let largest = 0;
      for (let bytes = await second.read(); bytes !== null; bytes = await second.read()) {
        size += bytes.length;
        largest = Math.max(largest, bytes.length);
      }
      expect(size).toBe(64 * MEBIBYTE);
      expect(largest).toBeLessThan(MEBIBYTE);
    } finally {
      upstream.close();
    }
  });

  check('stream: bytes after a read gives the rest', async () => {
    const upstream = await rawUpstream({
      answer: async ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc');
        await turn();
        socket.write('def');
      },
    });
    try {
      const response = await post(transport(), upstream.url).response;
      const first = Buffer.from((await response.read()) ?? []).toString();
      expect(first + (await bodyText(response))).toBe('abcdef');
    } finally {
      upstream.close();
    }
  });
}

/** Writes a body as fast as the reader takes it; `report` gets the bytes that left the program. */
function flood(
  socket: RawConnection['socket'],
  framing: 'length' | 'chunks',
  total: number,
  report: (bytes: number) => void,
): void {
  const block = Buffer.alloc(65_536, 120);
  const framed = framing === 'length' ? block : Buffer.concat([Buffer.from('10000\r\n'), block, Buffer.from('\r\n')]);
  const fields = framing === 'length' ? `Content-Length: ${total}` : 'Transfer-Encoding: chunked';
  socket.write(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`);
  let written = 0;
  const more = (): void => {
    while (written < total && !socket.destroyed) {
      written += block.length;
      const room = socket.write(framed);
      report(written);
      if (!room) {
        socket.once('drain', more);
        return;
      }
    }
    if (framing === 'chunks' && !socket.destroyed) socket.write('0\r\n\r\n');
  };
  more();
}
