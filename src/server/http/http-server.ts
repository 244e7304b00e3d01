import type { TCPSocketListener } from 'bun';
import { Sweeper } from '../../upstream/sweeper.ts';
import { HttpConnection } from './http-connection.ts';
import type { HttpRequest } from './http-request.ts';

export interface HttpServerOptions {
  readonly hostname: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Several workers listen on the same port, and the system spreads the connections over them. */
  readonly shared: boolean;
  /** More connections than these are answered with 503 and closed. */
  readonly maxConnections?: number;
  onTurnedAway?(): void;
  /** Must not throw, and answers each request in the end. */
  handle(request: HttpRequest): void;
}

/** So many may wait at once for the answer that turns them away; others are cut off. */
const MAX_TURNED_AWAY = 16;

/**
 * An HTTP/1.1 server over plain sockets. Docs/decisions tell why there is one: the runtime's own costs twice as much a
 * request.
 */
export class HttpServer {
  readonly port: number;
  readonly sweeper = new Sweeper();
  readonly handle: (request: HttpRequest) => void;
  isDraining = false;
  readonly #connections = new Set<HttpConnection>();
  #whenEmpty: (() => void) | null = null;
  readonly #listener: TCPSocketListener<HttpConnection>;

  /** Throws when the port cannot be had. */
  constructor({ hostname, port, shared, handle, maxConnections, onTurnedAway }: HttpServerOptions) {
    this.handle = handle;
    const most = maxConnections ?? Number.POSITIVE_INFINITY;
    // `reusePort` is missing in the runtime's types for listeners.
    const address = { hostname, port, exclusive: !shared, reusePort: shared };
    this.#listener = Bun.listen<HttpConnection>({
      ...address,
      socket: {
        open: (socket) => {
          socket.data = new HttpConnection(this, socket);
          this.#connections.add(socket.data);
          const count = this.#connections.size;
          if (count <= most) return;
          onTurnedAway?.();
          if (count <= most + MAX_TURNED_AWAY) socket.data.turnAway();
          else socket.data.destroy();
        },
        data: (socket, bytes) => socket.data.received(bytes),
        drain: (socket) => socket.data.drained(),
        close: (socket) => socket.data.ended(),
        error: () => {},
      },
    });
    this.port = this.#listener.port;
  }

  /**
   * Takes no further connection and no further request; those under way are answered. Resolves to true when they were,
   * or to false after the deadline (milliseconds), when the rest has been cut off.
   */
  async drain(deadline: number): Promise<boolean> {
    this.isDraining = true;
    this.#listener.stop(false);
    for (const connection of [...this.#connections]) connection.drain();
    if (this.#connections.size === 0) return true;
    const drained = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), deadline);
      this.#whenEmpty = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
    if (!drained) for (const connection of [...this.#connections]) connection.destroy();
    return drained;
  }

  forget(connection: HttpConnection): void {
    this.sweeper.delete(connection);
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }
}
