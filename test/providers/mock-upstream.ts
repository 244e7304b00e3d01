import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import type { PlayedBytes } from './frames.ts';

const CERTIFICATES = join(import.meta.dir, '..', 'conformance', 'fixtures', 'tls');

/** The authority that signed the mock's certificate; goes into NODE_EXTRA_CA_CERTS. */
export const AUTHORITY_FILE = join(CERTIFICATES, 'authority.pem');

export interface MockRequest {
  /** Path and query, without the first segment, which names the script. */
  readonly path: string;
  readonly body: string;
  readonly socket: TLSSocket;
  /** Resolves when the connection has ended, from either side. */
  readonly gone: Promise<void>;
}

export type Script = (request: MockRequest) => void;

/**
 * A provider behind TLS. It knows no wire format: the first segment of a request's path names the script that answers
 * it, and scripts write bytes.
 */
export interface MockUpstream {
  /** The base URL under which a script is found. */
  base(name: string): string;
  scripts: Map<string, Script>;
  readonly requests: Map<string, MockRequest[]>;
  stop(): void;
}

export async function startMockUpstream(): Promise<MockUpstream> {
  const scripts = new Map<string, Script>();
  const requests = new Map<string, MockRequest[]>();
  const sockets = new Set<TLSSocket>();
  const [key, cert] = await Promise.all(
    ['server.key', 'server.pem'].map((name) => Bun.file(join(CERTIFICATES, name)).text()),
  );
  const server = createServer({ key, cert }, (socket) => {
    const gone = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    readRequests(socket, (target, body) => {
      const [, name = '', path = ''] = /^\/([^/?]+)(.*)$/.exec(target) ?? [];
      const request = { path, body, socket, gone };
      requests.set(name, [...(requests.get(name) ?? []), request]);
      const script = scripts.get(name);
      if (script) script(request);
      else socket.end('HTTP/1.1 418 No script\r\ncontent-length: 0\r\n\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: (name) => `https://localhost:${port}/${name}`,
    scripts,
    requests,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function readRequests(socket: TLSSocket, answer: (target: string, body: string) => void): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = received.toString('latin1', 0, end);
      const whole = end + 4 + Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
      if (received.length < whole) return;
      const body = received.toString('utf8', end + 4, whole);
      received = received.subarray(whole);
      answer(head.split(' ')[1] ?? '', body);
    }
  });
}

function head({ status, headers }: PlayedBytes, framing: string): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Played\r\n${fields.join('')}${framing}\r\n\r\n`;
}

function chunk(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

const LAST_CHUNK = '0\r\n\r\n';

/** Sends a response as a provider does: a stream in chunks, anything else with its length. */
export function plays(played: PlayedBytes): Script {
  return ({ socket }) => {
    if (played.isStream) {
      socket.write(head(played, 'transfer-encoding: chunked'));
      for (const piece of played.pieces) socket.write(chunk(piece));
      socket.write(LAST_CHUNK);
      return;
    }
    const body = Buffer.concat(played.pieces);
    socket.write(head(played, `content-length: ${body.length}`));
    socket.write(body);
  };
}

/** Sends the response but for its end, and closes the connection. */
export function breaksOff(played: PlayedBytes): Script {
  return ({ socket }) => {
    const bytes = Buffer.concat(played.pieces);
    const half = bytes.subarray(0, Math.floor(bytes.length / 2));
    socket.write(head(played, played.isStream ? 'transfer-encoding: chunked' : `content-length: ${bytes.length}`));
    socket.end(played.isStream ? chunk(half) : half);
  };
}

/** Sends all pieces but the last, and keeps the connection open. */
export function stalls(played: PlayedBytes): Script {
  return ({ socket }) => {
    socket.write(head(played, 'transfer-encoding: chunked'));
    for (const piece of played.pieces.slice(0, -1)) socket.write(chunk(piece));
  };
}

/** Announces more bytes than anybody takes. */
export function announces(played: PlayedBytes, length: number): Script {
  return ({ socket }) => {
    socket.write(head(played, `content-length: ${length}`));
    socket.write('{');
  };
}

export const staysSilent: Script = () => {};
