import { expect } from 'bun:test';
import type { Tunnel, UpgradeAttempt } from '../port.ts';
import { fixture, type RawUpstream, type RawUpstreamOptions, rawUpstream } from './raw-upstream.ts';
import { failureOf, PATIENT, type Suite, until } from './suite.ts';

const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: toy\r\nConnection: Upgrade\r\n\r\n';
const MIB = 1 << 20;

/** What comes out of a tunnel. */
class Listener {
  text = '';
  bytes = 0;
  isOver = false;
  drains = 0;
  readonly tunnel: Tunnel;

  constructor(tunnel: Tunnel | null) {
    if (tunnel === null) throw new Error('The answer has no tunnel.');
    this.tunnel = tunnel;
    tunnel.listen({
      received: (bytes) => {
        this.bytes += bytes.length;
        if (this.text.length < 10_000) this.text += bytes.toString('latin1');
      },
      drained: () => {
        this.drains++;
      },
      ended: () => {
        expect(this.isOver).toBe(false);
        this.isOver = true;
      },
    });
  }
}

/** Switches to another protocol and says `hi` in it at once; then it echoes. */
function echoing(options: RawUpstreamOptions = {}): Promise<RawUpstream> {
  return rawUpstream({
    ...options,
    answer: ({ socket }) => {
      socket.write(`${SWITCHED}hi `);
      socket.removeAllListeners('data');
      socket.on('data', (bytes) => socket.write(bytes));
    },
  });
}

/** Connections that leave HTTP behind. */
export function describeUpgrades({ check, transport }: Suite): void {
  const upgrade = (url: string, timeouts = PATIENT, certificateAuthorities?: string): UpgradeAttempt =>
    transport({ ...(certificateAuthorities !== undefined && { certificateAuthorities }) }).upgrade(
      { method: 'GET', url, headers: [['x-key', 'k']] },
      timeouts,
      [['upgrade', 'toy']],
    );

  for (const certificate of [undefined, 'localhost'] as const) {
    check(`upgrade: bytes go both ways ${certificate ? 'over TLS' : 'in the clear'}`, async () => {
      const upstream = await echoing(certificate ? { certificate } : {});
      try {
        const attempt = upgrade(upstream.url, PATIENT, fixture('authority.pem'));
        const answer = await attempt.answer;
        expect([answer.status, answer.header('upgrade')]).toEqual([101, 'toy']);
        const head = upstream.requests[0]?.head.toLowerCase() ?? '';
        for (const line of ['get /v1/chat http/1.1', 'connection: upgrade', 'upgrade: toy', 'x-key: k']) {
          expect(head).toContain(line);
        }
        const listener = new Listener(answer.tunnel);
        listener.tunnel.write(Buffer.from('there'));
        await until(() => listener.text === 'hi there', 'the echo');
        listener.tunnel.end();
        await until(() => upstream.connections[0]?.gone === true && listener.isOver, 'the end');
      } finally {
        upstream.close();
      }
    });
  }

  check('upgrade: a refusal is an answer like any other', async () => {
    const upstream = await rawUpstream({
      answer: ({ socket }) => socket.write('HTTP/1.1 401 No\r\nContent-Length: 10\r\nx-why: key\r\n\r\n{"a":"é"}'),
    });
    try {
      const answer = await upgrade(upstream.url).answer;
      expect([answer.status, answer.header('x-why'), answer.tunnel]).toEqual([401, 'key', null]);
      expect(await answer.text(100)).toBe('{"a":"é"}');
      await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
    } finally {
      upstream.close();
    }
  });

  check('upgrade: the upstream’s end ends the tunnel, in good order or not', async () => {
    for (const way of ['end', 'resetAndDestroy'] as const) {
      const upstream = await echoing();
      try {
        const listener = new Listener((await upgrade(upstream.url).answer).tunnel);
        await until(() => listener.text === 'hi ', 'the first bytes');
        upstream.connections[0]?.socket[way]();
        await until(() => listener.isOver, 'the end');
        expect(listener.tunnel.write(Buffer.from('x'))).toBe(true);
      } finally {
        upstream.close();
      }
    }
  });

  check('upgrade: a slow reader slows the upstream, a slow upstream the writer', async () => {
    const upstream = await rawUpstream({
      answer: ({ socket }) => {
        socket.write(SWITCHED);
        socket.removeAllListeners('data');
        socket.pause();
        socket.write(Buffer.alloc(64 * MIB));
      },
    });
    try {
      const { tunnel } = await upgrade(upstream.url).answer;
      const listener = new Listener(tunnel);
      await until(() => listener.bytes > 0, 'the first bytes');
      listener.tunnel.pause();
      let before = -1;
      while (before !== listener.bytes) {
        before = listener.bytes;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(listener.bytes).toBeLessThan(64 * MIB);
      listener.tunnel.resume();
      await until(() => listener.bytes === 64 * MIB, 'the rest');
      let written = 0;
      while (listener.tunnel.write(Buffer.alloc(MIB))) if (++written > 256) throw new Error('it takes everything');
      const { drains } = listener;
      upstream.connections[0]?.socket.resume();
      await until(() => listener.drains > drains, 'the drain');
    } finally {
      upstream.close();
    }
  });

  check('upgrade: cancelled at any stage', async () => {
    const upstream = await rawUpstream({});
    const echo = await echoing();
    try {
      for (const wait of [0, 1]) {
        const attempt = upgrade(upstream.url);
        await until(() => upstream.requests.length >= wait, 'the request');
        attempt.cancel();
        attempt.cancel();
        expect((await failureOf(attempt.answer)).failure).toBe('cancelled');
        await until(() => upstream.connections.every(({ gone }) => gone), 'connections to be closed');
      }
      const attempt = upgrade(echo.url);
      const listener = new Listener((await attempt.answer).tunnel);
      attempt.cancel();
      await until(() => listener.isOver && echo.connections.every(({ gone }) => gone), 'the tunnel to be closed');
    } finally {
      upstream.close();
      echo.close();
    }
  });

  check('upgrade: what fails is named as for requests', async () => {
    const silent = await rawUpstream({});
    const closing = await rawUpstream({ answer: ({ socket }) => socket.end() });
    const garbled = await rawUpstream({ answer: ({ socket }) => socket.write('nonsense\r\n\r\n') });
    const secure = await rawUpstream({ certificate: 'other.example' });
    try {
      const failures = [
        [upgrade(silent.url, { ...PATIENT, firstByte: 100 }), 'first_byte_timeout'],
        [upgrade(closing.url), 'closed'],
        [upgrade(garbled.url), 'bad_response'],
        [upgrade(secure.url, PATIENT, fixture('authority.pem')), 'connect_failed'],
        [upgrade('http://127.0.0.1:1/'), 'connect_failed'],
      ] as const;
      for (const [attempt, failure] of failures) {
        expect((await failureOf(attempt.answer)).failure).toBe(failure);
      }
    } finally {
      for (const upstream of [silent, closing, garbled, secure]) upstream.close();
    }
  });
}
