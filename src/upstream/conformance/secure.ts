import { expect } from 'bun:test';
import { fixture, rawUpstream } from './raw-upstream.ts';
import { bodyText, failureOf, post, type Suite, until } from './suite.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** TLS: who is trusted, who is not, and what the message says. */
export function describeSecure({ check, transport }: Suite): void {
  const trusting = { certificateAuthorities: fixture('authority.pem') };

  check('TLS: a trusted certificate is accepted for its name and its address, and the connection is kept', async () => {
    const upstream = await rawUpstream({ certificate: 'localhost', answer: ({ socket }) => socket.write(OK) });
    try {
      const client = transport(trusting);
      expect(await bodyText(await post(client, upstream.url, 'é'.repeat(100_000)).response)).toBe('ok');
      expect(await bodyText(await post(client, upstream.url, 'next').response)).toBe('ok');
      expect(upstream.connections.length).toBe(1);
      expect(upstream.requests[0]?.body.length).toBe(200_000);
      const byAddress = upstream.url.replace('localhost', '127.0.0.1');
      expect(await bodyText(await post(client, byAddress).response)).toBe('ok');
      const names = upstream.connections.map(({ socket }) => ('servername' in socket ? socket.servername : undefined));
      expect(names).toEqual(['localhost', false]);
    } finally {
      upstream.close();
    }
  });

  check('TLS: 32 MiB each way arrive whole', async () => {
    const body = Buffer.alloc(32 << 20, 121);
    const upstream = await rawUpstream({
      certificate: 'localhost',
      answer: ({ socket }, request) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${request.body.length}\r\n\r\n`);
        socket.write(request.body);
      },
    });
    try {
      const bytes = await (await post(transport(trusting), upstream.url, body).response).bytes(64 << 20);
      expect(Buffer.from(bytes).equals(body)).toBe(true);
    } finally {
      upstream.close();
    }
  });

  check('TLS: an unknown authority is refused, with the way out', async () => {
    const upstream = await rawUpstream({ certificate: 'localhost', answer: ({ socket }) => socket.write(OK) });
    try {
      const error = await failureOf(post(transport(), upstream.url).response);
      expect([error.failure, error.dispatched]).toEqual(['connect_failed', false]);
      expect(error.message).toContain(`localhost:${upstream.port}`);
      expect(error.message).toContain('certificate');
      expect(error.message).toContain('NODE_EXTRA_CA_CERTS');
      expect(upstream.requests.length).toBe(0);
    } finally {
      upstream.close();
    }
  });

  check('TLS: a certificate for another host is refused', async () => {
    const upstream = await rawUpstream({ certificate: 'other.example', answer: ({ socket }) => socket.write(OK) });
    try {
      for (const host of ['localhost', '127.0.0.1']) {
        const url = upstream.url.replace('localhost', host);
        const error = await failureOf(post(transport(trusting), url).response);
        expect([error.failure, error.dispatched]).toEqual(['connect_failed', false]);
        expect(error.message).toContain(`${host}:${upstream.port}`);
        expect(error.message).toContain('the certificate is for another host');
      }
      expect(upstream.requests.length).toBe(0);
    } finally {
      upstream.close();
    }
  });

  check('TLS: a server that speaks none is connect_failed', async () => {
    const upstream = await rawUpstream({
      accept: ({ socket }) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad\r\n\r\n')),
    });
    try {
      const error = await failureOf(post(transport(), upstream.url.replace('http:', 'https:')).response);
      expect([error.failure, error.dispatched]).toEqual(['connect_failed', false]);
      expect(error.message).toContain('TLS');
    } finally {
      upstream.close();
    }
  });

  check('TLS: a body that breaks off is closed', async () => {
    const upstream = await rawUpstream({
      certificate: 'localhost',
      answer: ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'),
    });
    try {
      const response = await post(transport(trusting), upstream.url).response;
      expect((await failureOf(response.bytes(100))).failure).toBe('closed');
    } finally {
      upstream.close();
    }
  });

  check('TLS: cancel is seen by the upstream', async () => {
    const upstream = await rawUpstream({ certificate: 'localhost' });
    try {
      const attempt = post(transport(trusting), upstream.url);
      await until(() => upstream.requests.length === 1, 'the request');
      attempt.cancel();
      expect((await failureOf(attempt.response)).failure).toBe('cancelled');
      await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
    } finally {
      upstream.close();
    }
  });
}
