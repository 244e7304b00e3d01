import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { HeadParser } from '../../core/http1/head-parser.ts';
import type { CompiledDestination } from '../compiled-destination.ts';
import { ResponseHead } from '../socket/response-head.ts';

/** How a destination is reached. */
export interface Way {
  /** The URL of a proxy, with its credentials; null for the direct way. */
  readonly proxy: URL | null;
  /** PEM; replaces the built-in roots. */
  readonly certificateAuthorities: string | undefined;
  /** The direct way leads to this IP address, whatever the host name resolves to. */
  readonly address: string | null;
}

interface Origin {
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Opens a connection to a destination, through a proxy where the way has one. The signal ends it at any time. */
export async function dial(destination: CompiledDestination, way: Way, signal: AbortSignal): Promise<Socket> {
  const { proxy, certificateAuthorities: ca } = way;
  if (proxy === null) return open(destination, way.address ?? destination.hostname, ca, signal);
  const secure = proxy.protocol === 'https:';
  const hostname = proxy.hostname.replace(/^\[|\]$/g, '');
  const origin = { hostname, port: Number(proxy.port) || (secure ? 443 : 80), secure };
  const socket = await open(origin, hostname, ca, signal);
  await askForTunnel(socket, destination, proxy, signal);
  return destination.secure ? secured(socket, destination, ca, signal) : socket;
}

async function open(origin: Origin, address: string, ca: string | undefined, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: address, port: origin.port });
  await established(socket, 'connect', signal);
  socket.setNoDelay(true);
  return origin.secure ? secured(socket, origin, ca, signal) : socket;
}

async function secured(
  socket: Socket,
  { hostname }: Origin,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  // An address is no valid server name (RFC 6066, section 3); the certificate is checked against it all the same.
  const name = isIP(hostname) === 0 ? { servername: hostname } : {};
  const trusted = ca === undefined ? {} : { ca };
  const secure = connectSecurely({ socket, host: hostname, rejectUnauthorized: true, ...name, ...trusted });
  await established(secure, 'secureConnect', signal);
  return secure;
}

/** Waits for a connection's event; rejects when it fails or the signal comes before, and leaves nothing open then. */
function established(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: unknown) => {
    socket.destroy();
    reject(error);
  };
  const abort = () => fail(signal.reason);
  const closed = () => fail(new Error('the connection was closed while it was being set up'));
  socket.once(event, resolve);
  // Stays: an error without a listener would end the process.
  socket.on('error', fail);
  socket.once('close', closed);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  return promise.finally(() => {
    socket.off('close', closed);
    signal.removeEventListener('abort', abort);
  });
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-connect */
async function askForTunnel(
  socket: Socket,
  { hostname, port }: CompiledDestination,
  proxy: URL,
  signal: AbortSignal,
): Promise<void> {
  const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const credentials = pair === ':' ? '' : `proxy-authorization: Basic ${Buffer.from(pair).toString('base64')}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`);
  const { status } = await readHead(socket, new HeadParser(() => new ResponseHead()), signal);
  if (status >= 200 && status <= 299) return;
  socket.destroy();
  throw new Error(`the proxy answered with status ${status}`);
}

/** Reads a head and stops there: what came behind it is in the head's bytes. */
export function readHead<Head extends ResponseHead>(
  socket: Socket,
  parser: HeadParser<Head>,
  signal: AbortSignal,
): Promise<Head> {
  const { promise, resolve, reject } = Promise.withResolvers<Head>();
  const received = (bytes: Buffer) => {
    try {
      const head = parser.push(bytes);
      if (head === null) return;
      socket.pause();
      resolve(head);
    } catch (error) {
      reject(error);
    }
  };
  const abort = () => reject(signal.reason);
  const closed = () => reject(new ClosedError());
  socket.on('data', received);
  socket.resume();
  socket.once('close', closed);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  return promise.finally(() => {
    socket.off('data', received);
    socket.off('close', closed);
    signal.removeEventListener('abort', abort);
  });
}

/** The peer closed the connection instead of answering. */
export class ClosedError extends Error {}
