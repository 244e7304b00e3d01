import { expect } from 'bun:test';
import { rawUpstream } from './raw-upstream.ts';
import { bodyText, failureOf, post, type Suite, turn, until } from './suite.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n';

/** `cancel()` at every stage: promises reject, the upstream sees the end, nothing is left over. */
export function describeCancel({ check, transport }: Suite): void {
  check('cancel: while connecting', async () => {
    const upstream = await rawUpstream({});
    try {
      const client = transport();
      const attempt = post(client, upstream.url);
      attempt.cancel();
      attempt.cancel();
      expect((await failureOf(attempt.response)).failure).toBe('cancelled');
      await until(() => upstream.connections.every(({ gone }) => gone), 'connections to be closed');
      expect(upstream.requests.length).toBe(0);
      expect(client.statistics()).toEqual({ open: 0, idle: 0 });
    } finally {
      upstream.close();
    }
  });

  check('cancel: in the TLS handshake', async () => {
    const upstream = await rawUpstream({ accept: ({ socket }) => void socket.resume() });
    try {
      const attempt = post(transport(), upstream.url.replace('http:', 'https:'));
      await until(() => upstream.connections.length === 1, 'a connection');
      attempt.cancel();
      expect((await failureOf(attempt.response)).failure).toBe('cancelled');
      await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
    } finally {
      upstream.close();
    }
  });

  check('cancel: while the request is being sent', async () => {
    const upstream = await rawUpstream({ accept: ({ socket }) => void socket.once('data', () => socket.pause()) });
    try {
      const attempt = post(transport(), upstream.url, new Uint8Array(32 << 20));
      await until(() => upstream.connections[0]?.socket.isPaused() === true, 'the first bytes');
      attempt.cancel();
      expect((await failureOf(attempt.response)).failure).toBe('cancelled');
      upstream.connections[0]?.socket.resume();
      await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
      expect(upstream.connections[0]?.socket.bytesRead ?? 0).toBeLessThan(32 << 20);
    } finally {
      upstream.close();
    }
  });

  check('cancel: while waiting for the head', async () => {
    const upstream = await rawUpstream({});
    try {
      const client = transport();
      const attempt = post(client, upstream.url);
      await until(() => upstream.requests.length === 1, 'the request');
      attempt.cancel();
      const error = await failureOf(attempt.response);
      expect([error.failure, error.dispatched]).toEqual(['cancelled', true]);
      await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
      expect(client.statistics()).toEqual({ open: 0, idle: 0 });
    } finally {
      upstream.close();
    }
  });

  check('cancel: while reading, with and without a reader that waits', async () => {
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(`${HEAD}abc`) });
    try {
      for (const waits of [true, false]) {
        const attempt = post(transport(), upstream.url);
        const response = await attempt.response;
        expect(Buffer.from((await response.read()) ?? []).toString()).toBe('abc');
        const pending = waits ? response.read() : null;
        attempt.cancel();
        expect((await failureOf(pending ?? response.read())).failure).toBe('cancelled');
        expect((await failureOf(response.read())).failure).toBe('cancelled');
        expect((await failureOf(response.bytes(10))).failure).toBe('cancelled');
      }
      await until(() => upstream.connections.every(({ gone }) => gone), 'connections to be closed');
      expect(upstream.connections.length).toBe(2);
    } finally {
      upstream.close();
    }
  });

  check('cancel: of promises that nobody awaits ends no process', async () => {
    const compressed = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n\x1f\x8b';
    const upstream = await rawUpstream({
      answer: ({ socket }, { body }) =>
        socket.write(Buffer.from(body.length > 2 ? compressed : `${HEAD}abc`, 'latin1')),
    });
    const unhandled: unknown[] = [];
    const listener = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', listener);
    try {
      post(transport(), upstream.url).cancel();
      post(transport(), 'http://127.0.0.1:1/');
      for (const body of ['{}', 'compressed']) {
        const attempt = post(transport(), upstream.url, body);
        const response = await attempt.response;
        if (body === '{}') await response.read();
        void response.read();
        await turn();
        attempt.cancel();
        void response.read();
        void response.bytes(10);
      }
      await until(() => upstream.connections.every(({ gone }) => gone), 'connections to be closed');
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', listener);
      upstream.close();
    }
  });

  check('cancel: after the end changes nothing, and the connection stays', async () => {
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(`${HEAD}abcdef`) });
    try {
      const client = transport();
      for (let count = 0; count < 3; count++) {
        const attempt = post(client, upstream.url);
        expect(await bodyText(await attempt.response)).toBe('abcdef');
        attempt.cancel();
      }
      expect(upstream.connections.length).toBe(1);
    } finally {
      upstream.close();
    }
  });
}
