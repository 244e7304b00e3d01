import { expect } from 'bun:test';
import { createServer } from 'node:net';
import { type RawConnection, rawUpstream } from './raw-upstream.ts';
import { bodyText, failureOf, post, type Suite, turn, until } from './suite.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Connections are made, shared, kept, found stale and given up. */
export function describeConnections({ check, transport }: Suite): void {
  check('connection: refused and unknown hosts are connect_failed and named, headers are not', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    for (const [url, host, reason] of [
      [`http://127.0.0.1:${port}/`, `127.0.0.1:${port}`, 'connection refused'],
      ['http://host.invalid/', 'host.invalid:80', 'host not found'],
    ] as const) {
      const error = await failureOf(post(transport(), url).response);
      expect([error.failure, error.dispatched]).toEqual(['connect_failed', false]);
      expect(error.message).toContain(host);
      expect(error.message).toContain(reason);
      expect(error.message).not.toContain('application/json');
    }
  });

  check('connection: one after another share a connection', async () => {
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(OK) });
    try {
      const client = transport();
      const prepared = Array.from({ length: 20 }, () => post(client, upstream.url));
      for (const attempt of prepared) expect(await bodyText(await attempt.response)).toBe('ok');
      const opened = upstream.connections.length;
      for (let count = 0; count < 20; count++) {
        expect(await bodyText(await post(client, `${upstream.url}/${count}`).response)).toBe('ok');
      }
      expect(upstream.connections.length).toBe(opened);
    } finally {
      upstream.close();
    }
  });

  check('connection: 600 exchanges are held open at once', async () => {
    const waiting: RawConnection[] = [];
    const upstream = await rawUpstream({ answer: (connection) => void waiting.push(connection) });
    try {
      const client = transport();
      const attempts = Array.from({ length: 600 }, () => post(client, upstream.url));
      await until(() => waiting.length === 600, '600 requests at the upstream');
      expect(client.statistics().open).toBe(600);
      for (const { socket } of waiting) socket.write(OK);
      const bodies = await Promise.all(attempts.map(async ({ response }) => bodyText(await response)));
      expect(bodies.every((body) => body === 'ok')).toBe(true);
    } finally {
      upstream.close();
    }
  });

  check('connection: one that the upstream closed while idle is not used', async () => {
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(OK) });
    try {
      const client = transport();
      expect(await bodyText(await post(client, upstream.url).response)).toBe('ok');
      upstream.connections[0]?.socket.end();
      await until(() => upstream.connections[0]?.gone === true, 'the connection to end');
      await turn();
      expect(client.statistics()).toEqual({ open: 0, idle: 0 });
      expect(await bodyText(await post(client, upstream.url).response)).toBe('ok');
      expect(upstream.requests.length).toBe(2);
    } finally {
      upstream.close();
    }
  });

  for (const how of ['end', 'resetAndDestroy'] as const) {
    check(`connection: one that turns out stale (${how}) is replaced once, the body sent again`, async () => {
      const upstream = await rawUpstream({
        answer: ({ socket }, { number }) => void (number === 1 ? socket[how]() : socket.write(OK)),
      });
      try {
        const client = transport();
        expect(await bodyText(await post(client, upstream.url, 'first').response)).toBe('ok');
        expect(await bodyText(await post(client, upstream.url, 'second').response)).toBe('ok');
        expect(upstream.requests.map(({ body }) => body.toString())).toEqual(['first', 'second', 'second']);
        expect(upstream.connections.length).toBe(2);
      } finally {
        upstream.close();
      }
    });
  }

  check('connection: the second try is on a fresh one, whatever else is idle', async () => {
    const upstream = await rawUpstream({
      answer: (connection, { number }) => {
        // The first two are answered together, so that each has a connection of its own.
        if (number === 1) for (const { socket } of upstream.connections) socket.write(OK);
        if (number < 2) return;
        if (upstream.connections.indexOf(connection) < 2) connection.socket.end();
        else connection.socket.write(OK);
      },
    });
    try {
      const client = transport();
      const attempts = [post(client, upstream.url), post(client, upstream.url)];
      for (const { response } of attempts) await bodyText(await response);
      expect(await bodyText(await post(client, upstream.url).response)).toBe('ok');
      expect(upstream.requests.length).toBe(4);
      expect(upstream.connections.length).toBe(3);
    } finally {
      upstream.close();
    }
  });

  check('connection: the second try is the last', async () => {
    const upstream = await rawUpstream({
      answer: ({ socket }, { number }) => void (number > 0 ? socket.end() : socket.write(OK)),
    });
    try {
      const client = transport();
      expect(await bodyText(await post(client, upstream.url).response)).toBe('ok');
      const error = await failureOf(post(client, upstream.url).response);
      expect([error.failure, error.dispatched]).toEqual(['closed', true]);
      expect(upstream.requests.length).toBe(3);
    } finally {
      upstream.close();
    }
  });

  check('connection: a fresh one that closes is not tried again', async () => {
    const upstream = await rawUpstream({ answer: ({ socket }) => void socket.end() });
    try {
      const error = await failureOf(post(transport(), upstream.url).response);
      expect([error.failure, error.dispatched]).toEqual(['closed', true]);
      expect(upstream.requests.length).toBe(1);
    } finally {
      upstream.close();
    }
  });

  check('connection: a used one that closes after a byte of the response is not tried again', async () => {
    const upstream = await rawUpstream({
      answer: ({ socket }, { number }) => void (number > 0 ? socket.end('HTTP') : socket.write(OK)),
    });
    try {
      const client = transport();
      expect(await bodyText(await post(client, upstream.url).response)).toBe('ok');
      expect((await failureOf(post(client, upstream.url).response)).failure).toBe('closed');
      expect(upstream.requests.length).toBe(2);
    } finally {
      upstream.close();
    }
  });

  check('connection: closing the transport ends idle connections and lets exchanges finish', async () => {
    let finish = (): void => {};
    const upstream = await rawUpstream({
      answer: ({ socket }, { number }) => {
        socket.write(number === 0 ? 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab' : OK);
        if (number === 0) finish = () => socket.write('cd');
      },
    });
    try {
      const client = transport();
      const slow = await post(client, upstream.url).response;
      expect(await bodyText(await post(client, upstream.url).response)).toBe('ok');
      expect(client.statistics()).toEqual({ open: 2, idle: 1 });
      client.close();
      await until(() => upstream.connections[1]?.gone === true, 'the idle connection to end');
      expect(upstream.connections[0]?.gone).toBe(false);
      finish();
      expect(await bodyText(slow)).toBe('abcd');
      await until(() => upstream.connections[0]?.gone === true, 'the last connection to end');
      expect(client.statistics()).toEqual({ open: 0, idle: 0 });
    } finally {
      upstream.close();
    }
  });
}
