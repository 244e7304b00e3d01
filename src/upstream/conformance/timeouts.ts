import { expect } from 'bun:test';
import type { Timeouts } from '../port.ts';
import { type RawConnection, rawUpstream } from './raw-upstream.ts';
import { bodyText, failureOf, PATIENT, post, readText, type Suite, turn, until } from './suite.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n';

/** Each limit ends the exchange with its own failure, and nothing else does. */
export function describeTimeouts({ check, transport }: Suite): void {
  /** Runs an exchange against an upstream that answers as told, and returns its failure and what the message names. */
  async function failing(timeouts: Partial<Timeouts>, answer: (connection: RawConnection) => void): Promise<string> {
    const upstream = await rawUpstream({ answer });
    try {
      const attempt = post(transport(), upstream.url, '{}', { ...PATIENT, ...timeouts });
      const error = await failureOf(attempt.response.then(readText));
      expect(error.message).toContain(`127.0.0.1:${upstream.port}`);
      expect(error.dispatched).toBe(true);
      await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
      return error.failure;
    } finally {
      upstream.close();
    }
  }

  check('timeout: no byte of a response', async () => {
    expect(await failing({ connect: 200, firstByte: 200 }, () => {})).toBe('first_byte_timeout');
  });

  check('timeout: half a head is no response', async () => {
    expect(await failing({ connect: 200, firstByte: 200 }, ({ socket }) => socket.write('HTTP/1.1 200 OK\r\n'))).toBe(
      'first_byte_timeout',
    );
  });

  check('timeout: interim responses do not put it off', async () => {
    const drip = ({ socket }: RawConnection): void => {
      const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 50);
      socket.on('close', () => clearInterval(timer));
    };
    expect(await failing({ connect: 200, firstByte: 300 }, drip)).toBe('first_byte_timeout');
  });

  check('timeout: silence in the body while the reader waits', async () => {
    expect(await failing({ idle: 200 }, ({ socket }) => socket.write(`${HEAD}abc`))).toBe('idle_timeout');
  });

  check('timeout: the whole exchange, however lively', async () => {
    const drip = ({ socket }: RawConnection): void => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(timer));
    };
    expect(await failing({ total: 400, idle: 200 }, drip)).toBe('total_timeout');
  });

  check('timeout: a TLS handshake without an answer', async () => {
    const upstream = await rawUpstream({ accept: ({ socket }) => void socket.resume() });
    try {
      const url = upstream.url.replace('http:', 'https:');
      const error = await failureOf(post(transport(), url, '{}', { ...PATIENT, connect: 200 }).response);
      expect([error.failure, error.dispatched]).toEqual(['connect_timeout', false]);
      await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
    } finally {
      upstream.close();
    }
  });

  check('timeout: a body is idle only while somebody waits for it', async () => {
    let send = (_text: string): void => {};
    const upstream = await rawUpstream({
      answer: ({ socket }) => {
        socket.write(`${HEAD}abc`);
        send = (text) => void socket.write(text);
      },
    });
    try {
      const response = await post(transport(), upstream.url, '{}', { ...PATIENT, idle: 200 }).response;
      expect(Buffer.from((await response.read()) ?? []).toString()).toBe('abc');
      // What a reader waited for ends the wait, too.
      const second = response.read();
      await turn();
      send('de');
      expect(Buffer.from((await second) ?? []).toString()).toBe('de');
      // Several times the limit, in which nobody reads.
      await new Promise((resolve) => setTimeout(resolve, 800));
      send('f');
      expect(await readText(response)).toBe('f');
    } finally {
      upstream.close();
    }
  });

  check('timeout: the wait for the response begins when the request is sent', async () => {
    const size = 32 << 20;
    const upstream = await rawUpstream({
      accept: ({ socket }) => {
        let received = 0;
        let rest = 0;
        socket.on('data', (bytes: Buffer) => {
          received += bytes.length;
          rest += bytes.length;
          if (received > size) socket.write(`${HEAD}abcdef`);
          else if (rest > 4 << 20) {
            // Reads 4 MiB at a time, and so takes much longer than the limit for all of it.
            rest = 0;
            socket.pause();
            setTimeout(() => socket.resume(), 150);
          }
        });
      },
    });
    try {
      const timeouts = { ...PATIENT, connect: 200, firstByte: 900 };
      expect(await bodyText(await post(transport(), upstream.url, new Uint8Array(size), timeouts).response)).toBe(
        'abcdef',
      );
    } finally {
      upstream.close();
    }
  });

  check('timeout: 0 is no limit', async () => {
    const none = { connect: 0, firstByte: 0, idle: 0, total: 0 };
    const upstream = await rawUpstream({
      answer: ({ socket }) => {
        setTimeout(() => socket.write(`${HEAD}abc`), 300);
        setTimeout(() => socket.write('def'), 600);
      },
    });
    try {
      expect(await bodyText(await post(transport(), upstream.url, '{}', none).response)).toBe('abcdef');
    } finally {
      upstream.close();
    }
  });
}
