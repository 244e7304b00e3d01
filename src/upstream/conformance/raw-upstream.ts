import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';

/** One request as the upstream saw it. */
export interface RawRequest {
  /** Request line and headers with their line ends. */
  readonly head: string;
  readonly body: Buffer;
  /** Counted over all connections, from 0. */
  readonly number: number;
}

export interface RawConnection {
  readonly socket: Socket;
  /** True once the client has ended or reset the connection. */
  gone: boolean;
}

export interface RawUpstream {
  readonly port: number;
  readonly url: string;
  readonly connections: RawConnection[];
  readonly requests: RawRequest[];
  close(): void;
}

export interface RawUpstreamOptions {
  /** `localhost` or `other.example`: the name in the certificate. Without it the upstream speaks clear text. */
  readonly certificate?: 'localhost' | 'other.example';
  readonly hostname?: string;
  /** Called with each whole request. */
  readonly answer?: (connection: RawConnection, request: RawRequest) => unknown;
  /** Called with each connection, before any request; with this the upstream reads nothing by itself. */
  readonly accept?: (connection: RawConnection) => void;
}

export function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
}

/** An upstream that writes exactly the bytes it is told, cut where it is told. */
export async function rawUpstream(options: RawUpstreamOptions): Promise<RawUpstream> {
  const connections: RawConnection[] = [];
  const requests: RawRequest[] = [];
  const accept = (socket: Socket): void => {
    const connection: RawConnection = { socket, gone: false };
    connections.push(connection);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => {
      connection.gone = true;
    });
    if (options.accept !== undefined) options.accept(connection);
    else readRequests(connection, requests, options.answer ?? (() => {}));
  };
  const { certificate } = options;
  const server =
    certificate === undefined
      ? createServer(accept)
      : createSecureServer({ cert: fixture(`${certificate}.pem`), key: fixture(`${certificate}-key.pem`) }, accept);
  const hostname = options.hostname ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, hostname, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const host = certificate !== undefined ? 'localhost' : hostname.includes(':') ? `[${hostname}]` : hostname;
  return {
    port,
    url: `${certificate === undefined ? 'http' : 'https'}://${host}:${port}/v1/chat`,
    connections,
    requests,
    close: () => {
      server.close();
      for (const { socket } of connections) socket.destroy();
    },
  };
}

function readRequests(
  connection: RawConnection,
  requests: RawRequest[],
  answer: (connection: RawConnection, request: RawRequest) => unknown,
): void {
  let chunks: Buffer[] = [];
  let received = 0;
  let head = '';
  let needed = 0;
  connection.socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    received += chunk.length;
    if (needed === 0) {
      chunks = [Buffer.concat(chunks)];
      const end = chunks[0]?.indexOf('\r\n\r\n') ?? -1;
      if (end < 0) return;
      head = chunks[0]?.toString('latin1', 0, end + 4) ?? '';
      needed = end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    }
    if (received < needed) return;
    const body = Buffer.concat(chunks).subarray(head.length, needed);
    const request = { head, body, number: requests.length };
    chunks = [];
    received = 0;
    needed = 0;
    requests.push(request);
    answer(connection, request);
  });
}
