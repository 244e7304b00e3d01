import net from 'node:net';

export interface RawRequest {
  readonly head: string;
  readonly body: string;
  readonly socket: net.Socket;
}

export interface RawUpstream {
  readonly base: string;
  readonly requests: RawRequest[];
  /** Connections that have ended, from either side. */
  closed: number;
  stop(): void;
}

/** An upstream that answers with whatever bytes the test writes. */
export function startRawUpstream(answer: (request: RawRequest) => void | Promise<void>): Promise<RawUpstream> {
  const requests: RawRequest[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    let received = '';
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      upstream.closed += 1;
    });
    socket.on('data', (data) => {
      received += data.toString('latin1');
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = received.slice(0, end);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return;
      const request = { head, body: received.slice(end + 4, end + 4 + length), socket };
      received = received.slice(end + 4 + length);
      requests.push(request);
      void answer(request);
    });
  });
  const upstream: RawUpstream = {
    base: '',
    requests,
    closed: 0,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      resolve(Object.assign(upstream, { base: `http://127.0.0.1:${port}/v1` }));
    });
  });
}

export function jsonResponse(body: unknown, status = '200 OK', contentType = 'application/json', more = ''): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const length = Buffer.byteLength(text);
  return `HTTP/1.1 ${status}\r\ncontent-type: ${contentType}\r\n${more}content-length: ${length}\r\n\r\n${text}`;
}

export const STREAM_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

export function chunk(bytes: Uint8Array | string): Buffer {
  const data = Buffer.from(bytes as string);
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
}

export const LAST_CHUNK = '0\r\n\r\n';

export const CHAT_ANSWER = {
  id: 'c-1',
  object: 'chat.completion',
  created: 1,
  model: 'm-up',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
};
