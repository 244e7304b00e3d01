/**
 * Takes streams from a gateway and prints what it saw as one JSON object. Its one argument is a `StreamLoad` in JSON.
 * Raw sockets, because it shares its core with the upstream.
 */
import type { Socket } from 'bun';

export interface StreamLoad {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  readonly streams: number;
  /** How many content events a whole stream holds. */
  readonly events: number;
}

export interface StreamLoadResult {
  /** Streams that arrived whole. */
  readonly whole: number;
  /** Streams that were refused, cut, or lacked events. */
  readonly broken: number;
  readonly seconds: number;
  /** Milliseconds from the start of the load to the first body byte of the last stream to begin. */
  readonly lastBeganAfter: number;
  /** The head of the first answer that was not whole. */
  readonly sample: string;
}

/** The content of every event begins with a space and a `w`. */
const MARK = Buffer.from('" w');
const DEADLINE_MILLISECONDS = 60_000;

interface Connection {
  pieces: Buffer[];
  received: number;
  /** Where the body begins; 0 until the head is whole. */
  bodyAt: number;
  /** The size of the whole answer where its head gives a content length; null for chunks. */
  size: number | null;
  tail: string;
  began: boolean;
  busy: boolean;
}

function fresh(busy: boolean): Connection {
  return { pieces: [], received: 0, bodyAt: 0, size: null, tail: '', began: false, busy };
}

/** Takes the next bytes of an answer and says whether it is whole. */
function take(connection: Connection, bytes: Buffer): boolean {
  connection.pieces.push(bytes);
  connection.received += bytes.length;
  if (connection.bodyAt === 0) readHead(connection);
  if (connection.size !== null) return connection.received >= connection.size;
  connection.tail = (connection.tail + bytes.toString('latin1', Math.max(bytes.length - 7, 0))).slice(-7);
  return connection.tail === '\r\n0\r\n\r\n';
}

function readHead(connection: Connection): void {
  const received = Buffer.concat(connection.pieces);
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return;
  connection.bodyAt = end + 4;
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.toString('latin1', 0, end))?.[1];
  if (length !== undefined) connection.size = connection.bodyAt + Number(length);
}

/** How many content events the answer holds. An event may be cut by the end of a chunk, so chunks are joined first. */
function countEvents({ pieces, bodyAt, size }: Connection): number {
  const received = Buffer.concat(pieces).subarray(bodyAt);
  const body = size === null ? withoutChunkSizes(received) : received;
  let found = 0;
  for (let at = body.indexOf(MARK); at >= 0; at = body.indexOf(MARK, at + MARK.length)) found += 1;
  return found;
}

function withoutChunkSizes(received: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < received.length) {
    const lineEnd = received.indexOf('\r\n', at);
    const size = Number.parseInt(received.toString('latin1', at, lineEnd), 16);
    if (lineEnd < 0 || !(size > 0)) break;
    parts.push(received.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

async function load({ url, headers, body, connections, streams, events }: StreamLoad): Promise<StreamLoadResult> {
  const { hostname, port, host, pathname, search } = new URL(url);
  const lines = Object.entries({ host, ...headers, 'content-length': String(Buffer.byteLength(body)) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const request = Buffer.from(`POST ${pathname}${search} HTTP/1.1\r\n${head}\r\n${body}`);

  const began = performance.now();
  const result = { whole: 0, broken: 0, lastBeganAfter: 0, sample: '' };
  let left = streams;
  const finished = Promise.withResolvers<void>();

  const next = (socket: Socket<Connection>): void => {
    if (left === 0) {
      socket.end();
      return;
    }
    left -= 1;
    socket.data = fresh(true);
    socket.write(request);
  };
  const settle = (connection: Connection): void => {
    if (!connection.busy) return;
    connection.busy = false;
    const start = connection.pieces[0]?.toString('latin1', 0, 300) ?? 'closed without an answer';
    if (start.startsWith('HTTP/1.1 200') && countEvents(connection) === events) result.whole += 1;
    else {
      result.broken += 1;
      result.sample ||= start;
    }
    if (result.whole + result.broken === streams) finished.resolve();
  };
  const open = (): Promise<unknown> =>
    Bun.connect<Connection>({
      hostname,
      port: Number(port),
      data: fresh(false),
      socket: {
        open: next,
        data(socket, bytes) {
          const connection = socket.data;
          if (!connection.began && bytes.includes('data:')) {
            connection.began = true;
            result.lastBeganAfter = performance.now() - began;
          }
          if (!take(connection, bytes)) return;
          settle(connection);
          next(socket);
        },
        close(socket) {
          settle(socket.data);
          if (left > 0) void open().catch(() => {});
        },
        error() {},
      },
    });
  const opened = await Promise.allSettled(Array.from({ length: Math.min(connections, streams) }, open));
  const refused = opened.filter(({ status }) => status === 'rejected').length;
  if (refused > 0) throw new Error(`${refused} connections were refused.`);
  await Promise.race([finished.promise, Bun.sleep(DEADLINE_MILLISECONDS)]);
  return { ...result, broken: streams - result.whole, seconds: (performance.now() - began) / 1000 };
}

if (import.meta.main) {
  const task: StreamLoad = JSON.parse(process.argv[2] ?? '{}');
  console.log(JSON.stringify(await load(task)));
  process.exit(0);
}
