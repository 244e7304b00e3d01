/**
 * A provider that answers every request with a stream, in the format of the path it is asked at:
 * bun stream-upstream.ts PORT EVENTS GAP_MILLISECONDS.
 * Raw sockets and frames made once, because it shares its core with the load.
 */
import type { Socket } from 'bun';
import { FORMATS } from './formats.ts';

const [port = 0, events = 100, gap = 1] = process.argv.slice(2).map(Number);

const head = (contentType: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\ncache-control: no-cache\r\n\r\n`,
  );
const END = Buffer.from('0\r\n\r\n');
const COMMON = { id: 'chatcmpl-Bench', object: 'chat.completion.chunk', created: 1_748_000_000 };
const MODEL = { model: 'gpt-4o-mini-2024-07-18', service_tier: 'default', system_fingerprint: 'fp_62a23a81ef' };

const first = Buffer.concat([
  head('text/event-stream; charset=utf-8'),
  frame(delta({ role: 'assistant', content: '', refusal: null })),
]);
const words = Array.from({ length: events }, (_, index) => frame(delta({ content: ` w${index}` })));
const stop = frame(JSON.stringify({ ...COMMON, ...MODEL, choices: [choice({}, 'stop')] }));
const usage = frame(
  JSON.stringify({
    ...COMMON,
    ...MODEL,
    choices: [],
    usage: { prompt_tokens: 24, completion_tokens: events, total_tokens: events + 24 },
  }),
);
const done = frame('[DONE]');
/** By what the request line begins with. */
const BY_FORMAT = FORMATS.map(({ streamPath, streamContentType, events: eventsOf }) => {
  const [start = END, ...rest] = eventsOf(events).map(chunk);
  const frames: Buffer[] = [Buffer.concat([head(streamContentType), start]), ...rest, END];
  return [`POST ${streamPath}`, frames] as const;
});
const PLAIN = [first, ...words, stop, done, END];
const WITH_USAGE = [first, ...words, stop, usage, done, END];

function choice(content: object, finish_reason: string | null): object {
  return { index: 0, delta: content, logprobs: null, finish_reason };
}

function delta(content: object): string {
  return JSON.stringify({ ...COMMON, ...MODEL, choices: [choice(content, null)] });
}

function frame(data: string): Buffer {
  return chunk(Buffer.from(`data: ${data}\n\n`));
}

/** One event in one HTTP chunk. */
function chunk(event: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${event.length.toString(16)}\r\n`), event, Buffer.from('\r\n')]);
}

function framesFor(request: string): Buffer[] {
  const other = BY_FORMAT.find(([start]) => request.startsWith(start));
  if (other) return other[1];
  return request.includes('include_usage') ? WITH_USAGE : PLAIN;
}

interface Exchange {
  received: string;
  frames: Buffer[];
  next: number;
  /** Bytes of the next frame that the socket has taken already. */
  offset: number;
}

/** Streams that get one frame at each tick. */
const paced = new Set<Socket<Exchange>>();

Bun.listen<Exchange>({
  hostname: '127.0.0.1',
  port,
  socket: {
    open(socket) {
      socket.setNoDelay(true);
      socket.data = { received: '', frames: [], next: 0, offset: 0 };
    },
    data(socket, bytes) {
      const exchange = socket.data;
      exchange.received += bytes.toString('latin1');
      if (!isWhole(exchange.received)) return;
      exchange.frames = framesFor(exchange.received);
      Object.assign(exchange, { received: '', next: 0, offset: 0 });
      sendPaced(socket);
    },
    drain(socket) {
      if (gap === 0) send(socket, Number.POSITIVE_INFINITY);
    },
    close(socket) {
      paced.delete(socket);
    },
    error() {},
  },
});

function isWhole(request: string): boolean {
  const end = request.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(request.slice(0, end + 2))?.[1];
  if (length !== undefined) return request.length >= end + 4 + Number(length);
  return !/\r\ntransfer-encoding: *chunked/i.test(request.slice(0, end + 2)) || request.endsWith('0\r\n\r\n');
}

/** Writes frames, each with a system call of its own, until `limit` is reached or the socket takes no more. */
function send(socket: Socket<Exchange>, limit: number): void {
  const exchange = socket.data;
  for (let sent = 0; sent < limit; sent += 1) {
    const bytes = exchange.frames[exchange.next];
    if (bytes === undefined) return;
    const rest = bytes.length - exchange.offset;
    const taken = Math.max(socket.write(bytes, exchange.offset), 0);
    if (taken < rest) {
      exchange.offset += taken;
      return;
    }
    exchange.next += 1;
    exchange.offset = 0;
  }
}

/** Sends one frame now and one at each tick; what closes the stream goes out together. */
function sendPaced(socket: Socket<Exchange>): void {
  if (gap === 0) {
    send(socket, Number.POSITIVE_INFINITY);
    return;
  }
  send(socket, 1);
  paced.add(socket);
}

setInterval(
  () => {
    for (const socket of paced) {
      const exchange = socket.data;
      send(socket, exchange.next <= events ? 1 : Number.POSITIVE_INFINITY);
      if (exchange.next >= exchange.frames.length) paced.delete(socket);
    }
  },
  Math.max(1, gap),
);
