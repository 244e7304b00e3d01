import { isIP } from 'node:net';
import { connectFailure } from '../failures.ts';
import { NEVER, type Sweepable } from '../sweeper.ts';
import type { Exchange } from './exchange.ts';
import type { Pool } from './pool.ts';

/** Idle time before the system asks whether a silent peer still lives: long answers are awaited in silence. */
const KEEP_ALIVE_PROBE_MILLISECONDS = 60_000;

/** Above this size, head and body are written one after the other rather than copied into one. */
const JOIN_LIMIT_BYTES = 65_536;

/** One set of handlers for every connection: `data` of the socket says whose event it is. */
const HANDLERS: Bun.SocketHandler<Connection> = {
  open: (socket) => socket.data.opened(socket),
  handshake: (socket, success, error) => socket.data.shook(success, error),
  data: (socket, bytes) => socket.data.received(bytes),
  drain: (socket) => socket.data.drained(),
  close: (socket, error) => socket.data.ended(error),
  // A TLS session that breaks is reported here, and then as a close.
  error: () => {},
};

/** One socket, one exchange at a time. */
export class Connection implements Sweepable {
  /** Whether it has served an exchange before the one it serves now. */
  reused = false;
  readonly #pool: Pool;
  #socket: Bun.Socket<Connection> | null = null;
  #exchange: Exchange | null = null;
  /** Of the request, what the system has not taken yet. */
  #unsent: Uint8Array[] = [];
  #idleDeadline = NEVER;
  #established = false;
  #paused = false;
  #over = false;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  connect(exchange: Exchange): void {
    const { hostname, port, secure, context } = this.#pool;
    this.#exchange = exchange;
    context.sweeper.add(this);
    context.connecting++;
    // An address is no valid server name (RFC 6066, section 3); the certificate is checked against it all the same.
    const serverName = isIP(hostname) === 0 ? hostname : '';
    const tls = { serverName, ca: context.certificateAuthorities, rejectUnauthorized: true };
    const address = context.address ?? hostname;
    try {
      const options = secure ? { hostname: address, port, tls } : { hostname: address, port };
      Bun.connect<Connection>({ ...options, data: this, socket: HANDLERS }).catch((error) => this.#refused(error));
    } catch (error) {
      this.#refused(error);
    }
  }

  /** Gives the connection, which stands, to an exchange; it answers with `send`. */
  begin(exchange: Exchange): void {
    this.#exchange = exchange;
    exchange.connected(this);
  }

  /** `head` is ASCII; `bodyBytes` is the length of `body` in UTF-8. */
  send(head: string, body: string | Uint8Array, bodyBytes: number): void {
    if (typeof body === 'string' && bodyBytes <= JOIN_LIMIT_BYTES) {
      const message = head + body;
      const written = this.#write(message);
      if (written < head.length + bodyBytes) this.#unsent.push(Buffer.from(message).subarray(written));
      return;
    }
    const parts = [Buffer.from(head), typeof body === 'string' ? Buffer.from(body) : body];
    this.#unsent = bodyBytes <= JOIN_LIMIT_BYTES ? [Buffer.concat(parts)] : parts;
    this.#flush();
  }

  /** More of a body that comes in pieces. False when the system has not taken all of it: the exchange hears of it when it has. */
  sendMore(pieces: readonly Uint8Array[]): boolean {
    this.#unsent.push(...pieces);
    this.#flush();
    return this.#unsent.length === 0;
  }

  /** The response is whole. */
  release(reusable: boolean): void {
    this.#exchange = null;
    const deadline = reusable && this.#unsent.length === 0 ? this.#pool.keep(this) : null;
    if (deadline === null) {
      this.close();
      return;
    }
    this.reused = true;
    this.#idleDeadline = deadline;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket?.resume();
  }

  /** Ends the connection in good order. */
  close(): void {
    const socket = this.#socket;
    this.#finish();
    socket?.close();
  }

  /** Ends the connection at once, whatever is under way; its exchange hears nothing more. */
  destroy(): void {
    const socket = this.#socket;
    this.#finish();
    socket?.terminate();
  }

  sweep(now: number): void {
    if (this.#exchange !== null) this.#exchange.sweep(now);
    else if (now >= this.#idleDeadline) this.close();
  }

  opened(socket: Bun.Socket<Connection>): void {
    // The exchange was cancelled while the connection was being made.
    if (this.#over) {
      socket.terminate();
      return;
    }
    this.#socket = socket;
    socket.setKeepAlive(true, KEEP_ALIVE_PROBE_MILLISECONDS);
    if (!this.#pool.secure) this.#ready();
  }

  /** The TLS handshake has ended; `error` says why it failed or why the certificate is not accepted. */
  shook(success: boolean, error: Error | null): void {
    if (this.#over) return;
    if (success && error === null) this.#ready();
    else this.#refused(error ?? new Error('the TLS handshake failed'));
  }

  received(bytes: Buffer): void {
    if (this.#over) return;
    // Bytes that nobody asked for: whatever they are, the next response on this connection could not be trusted.
    if (this.#exchange === null) this.destroy();
    else this.#exchange.received(bytes);
  }

  drained(): void {
    if (this.#unsent.length === 0 || this.#over) return;
    this.#exchange?.sending();
    this.#flush();
    if (this.#unsent.length === 0) this.#exchange?.sent();
  }

  ended(error: Error | undefined): void {
    if (this.#over) return;
    if (!this.#established) {
      this.#refused(error ?? new Error('the connection was closed while it was being set up'));
      return;
    }
    const exchange = this.#exchange;
    this.#finish();
    exchange?.connectionEnded(error);
  }

  #ready(): void {
    this.#established = true;
    this.#pool.context.connecting--;
    this.#pool.context.open++;
    if (this.#exchange !== null) this.begin(this.#exchange);
  }

  #refused(error: unknown): void {
    const exchange = this.#exchange;
    if (this.#over || exchange === null) return;
    this.destroy();
    exchange.fail(connectFailure(this.#pool.label, error, exchange.dispatched));
  }

  #flush(): void {
    for (let next = this.#unsent[0]; next !== undefined; next = this.#unsent[0]) {
      const written = this.#write(next);
      if (written < next.length) {
        this.#unsent[0] = next.subarray(written);
        return;
      }
      this.#unsent.shift();
    }
  }

  /** The number of bytes that the system took: fewer than given when its buffer is full. */
  #write(data: string | Uint8Array): number {
    const written = this.#socket?.write(data) ?? -1;
    if (written >= 0) return written;
    // The socket is closed and its event may have passed already. Later, because the caller is still in `send`.
    queueMicrotask(() => {
      const socket = this.#socket;
      this.ended(undefined);
      socket?.terminate();
    });
    return 0;
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#established) this.#pool.context.open--;
    else this.#pool.context.connecting--;
    this.#pool.context.sweeper.delete(this);
    this.#pool.forget(this);
    this.#exchange = null;
    this.#socket = null;
    this.#unsent = [];
  }
}
