import { describe, expect, jest, spyOn, test } from 'bun:test';
import { bodyText, failureOf, PATIENT, post } from '../conformance/suite.ts';
import type { Attempt } from '../port.ts';
import type { Connection } from './connection.ts';
import { SocketTransport } from './socket-transport.ts';

/** A socket whose system takes so many bytes at a time, as a full send buffer makes it; -1 as after its close. */
class FakeSocket {
  written = '';
  closed = false;
  readonly #width: number;

  constructor(width: number) {
    this.#width = width;
  }

  write(data: string | Uint8Array): number {
    if (this.#width < 0) return -1;
    const taken = Buffer.from(data as string).subarray(0, this.#width);
    this.written += taken.toString('latin1');
    return taken.length;
  }

  setKeepAlive(): void {}

  close(): void {
    this.closed = true;
  }

  terminate(): void {
    this.closed = true;
  }
}

/** Starts an exchange whose connection the test drives by hand. */
function start(transport: SocketTransport, body: string | Uint8Array): { attempt: Attempt; connection: Connection } {
  const connections: Connection[] = [];
  const connect = spyOn(Bun, 'connect').mockImplementation(((options: { data: Connection }) => {
    connections.push(options.data);
    return new Promise(() => {});
  }) as never);
  try {
    const attempt = post(transport, 'http://host.example/x', body);
    const connection = connections[0];
    if (connection === undefined) throw new Error('No connection was made.');
    return { attempt, connection };
  } finally {
    connect.mockRestore();
  }
}

function sentThrough(socket: FakeSocket, body: string | Uint8Array): string {
  const { attempt, connection } = start(new SocketTransport(), body);
  connection.opened(socket as never);
  for (let before = -1; before !== socket.written.length; ) {
    before = socket.written.length;
    connection.drained();
  }
  attempt.cancel();
  return socket.written;
}

describe('a connection whose system takes little at a time', () => {
  for (const [title, body] of [
    ['short text', 'é漢'.repeat(20)],
    ['long text', 'é漢'.repeat(20_000)],
    ['few bytes', new Uint8Array(100).fill(98)],
    ['many bytes', new Uint8Array(100_000).fill(98)],
  ] as const) {
    test(`sends ${title} on from where it stopped`, () => {
      const bytes = Buffer.from(body as string).toString('latin1');
      const whole = sentThrough(new FakeSocket(1e6), body);
      expect(whole).toEndWith(`\r\ncontent-length: ${bytes.length}\r\n\r\n${bytes}`);
      for (const width of [64, 150, 70_000]) expect(sentThrough(new FakeSocket(width), body)).toBe(whole);
    });
  }
});

describe('a connection', () => {
  test('that is closed when it is written to fails the exchange', async () => {
    const { attempt, connection } = start(new SocketTransport(), '{}');
    connection.opened(new FakeSocket(-1) as never);
    const error = await failureOf(attempt.response);
    expect([error.failure, error.dispatched]).toEqual(['closed', true]);
  });

  test('that ends before it stands is connect_failed', async () => {
    const { attempt, connection } = start(new SocketTransport(), '{}');
    connection.ended(undefined);
    const error = await failureOf(attempt.response);
    expect([error.failure, error.dispatched]).toEqual(['connect_failed', false]);
  });

  test('is closed after 50 idle seconds, and not while it serves', async () => {
    jest.useFakeTimers();
    try {
      const transport = new SocketTransport();
      const { attempt, connection } = start(transport, '{}');
      const socket = new FakeSocket(1e6);
      connection.opened(socket as never);
      const respond = () => connection.received(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
      respond();
      expect(await bodyText(await attempt.response)).toBe('ok');
      jest.advanceTimersByTime(45_000);
      expect(transport.statistics()).toEqual({ open: 1, idle: 1 });
      const patient = { ...PATIENT, firstByte: 0, total: 0 };
      const second = post(transport, 'http://host.example/x', '{}', patient);
      jest.advanceTimersByTime(120_000);
      expect(transport.statistics()).toEqual({ open: 1, idle: 0 });
      respond();
      expect(await bodyText(await second.response)).toBe('ok');
      jest.advanceTimersByTime(49_000);
      expect(socket.closed).toBe(false);
      jest.advanceTimersByTime(2_000);
      expect(socket.closed).toBe(true);
      expect(transport.statistics()).toEqual({ open: 0, idle: 0 });
    } finally {
      jest.useRealTimers();
    }
  });
});
