import { expect } from 'bun:test';
import type { Transport } from '../port.ts';
import { BROKEN, type CorpusEntry, CUT, WHOLE } from './corpus.ts';
import { type RawConnection, type RawUpstream, rawUpstream } from './raw-upstream.ts';
import { bodyText, failureOf, post, readText, type Suite, turn, until } from './suite.ts';

/** Every response of the corpus, whole, in two pieces cut at every byte, and byte by byte. */
export function describeResponses({ check, transport }: Suite): void {
  for (const entry of [...WHOLE, ...BROKEN, ...CUT]) {
    const outcome = 'failure' in entry.expected ? `is ${entry.expected.failure}` : 'is read';
    check(`response: ${entry.title} ${outcome}`, () => runEntry(entry, transport()));
  }

  check('response: a header is found in any case, and several of a name are joined', async () => {
    const wire = 'HTTP/1.1 200 OK\r\nX-One:  a b \r\nx-two: 1\r\nX-TWO: 2\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n';
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(wire) });
    try {
      const response = await post(transport(), upstream.url).response;
      const values = ['x-one', 'x-two', 'x-empty', 'x-on', 'content-length'].map((name) => response.header(name));
      expect(values).toEqual(['a b', '1, 2', '', null, '0']);
      await response.bytes(10);
    } finally {
      upstream.close();
    }
  });

  for (const [when, pieces] of [
    ['with the body', ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n']],
    ['while the connection is idle', ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'HTTP/1.1 200 OK\r\n']],
  ] as const) {
    check(`response: bytes behind the body, ${when}, close the connection`, async () => {
      const upstream = await rawUpstream({ answer: (connection) => void writePieces(connection, pieces, false) });
      try {
        expect(await bodyText(await post(transport(), upstream.url).response)).toBe('ok');
        await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
      } finally {
        upstream.close();
      }
    });
  }

  check('response: a head of more than 64 KiB is bad_response', async () => {
    const head = `HTTP/1.1 200 OK\r\n${`X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(80)}Content-Length: 2\r\n\r\nok`;
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(head) });
    try {
      expect((await failureOf(post(transport(), upstream.url).response)).failure).toBe('bad_response');
      await until(() => upstream.connections[0]?.gone === true, 'the connection to be closed');
    } finally {
      upstream.close();
    }
  });

  check('response: interim responses without end are bad_response', async () => {
    const interim = 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(4000);
    const upstream = await rawUpstream({ answer: ({ socket }) => socket.write(interim) });
    try {
      expect((await failureOf(post(transport(), upstream.url).response)).failure).toBe('bad_response');
    } finally {
      upstream.close();
    }
  });
}

async function runEntry(entry: CorpusEntry, transport: Transport): Promise<void> {
  // What the upstream writes to the request at hand; the pieces arrive one by one.
  let pieces: string[] = [];
  const upstream = await rawUpstream({
    answer: (connection) => void writePieces(connection, pieces, entry.closes === true),
  });
  try {
    const { wire } = entry;
    const cuts = [[wire], [...wire]];
    for (let offset = 1; offset < wire.length; offset++) cuts.push([wire.slice(0, offset), wire.slice(offset)]);
    for (const [index, cut] of cuts.entries()) {
      pieces = cut;
      await expectEntry(entry, transport, upstream, index % 2 === 0);
    }
    if (entry.reusable !== undefined) {
      expect(upstream.connections.length).toBe(entry.reusable ? 1 : cuts.length);
    }
  } finally {
    upstream.close();
  }
}

async function expectEntry(
  entry: CorpusEntry,
  transport: Transport,
  upstream: RawUpstream,
  whole: boolean,
): Promise<void> {
  const attempt = post(transport, upstream.url);
  const read = async (): Promise<{ status: number; body: string }> => {
    const response = await attempt.response;
    return { status: response.status, body: await (whole ? bodyText(response) : readText(response)) };
  };
  if ('failure' in entry.expected) {
    expect((await failureOf(read())).failure).toBe(entry.expected.failure);
  } else {
    expect(await read()).toEqual(entry.expected);
  }
}

async function writePieces(connection: RawConnection, pieces: readonly string[], closes: boolean): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await turn();
    if (connection.gone) return;
    connection.socket.write(Buffer.from(piece, 'latin1'));
  }
  if (closes) connection.socket.end();
}
