import type { Socket } from 'node:net';
import type { Tunnel, TunnelEvents } from '../port.ts';

/** How long a peer may take to close its side after we have closed ours. */
const LINGER_MILLISECONDS = 2000;

/** A connection that has left HTTP behind. */
export class SocketTunnel implements Tunnel {
  readonly #socket: Socket;
  /** What came together with the head. */
  #early: Buffer;

  constructor(socket: Socket, early: Buffer) {
    this.#socket = socket;
    this.#early = early;
  }

  listen(events: TunnelEvents): void {
    const socket = this.#socket;
    const early = this.#early;
    this.#early = Buffer.alloc(0);
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      events.ended();
    };
    socket.on('data', (bytes: Buffer) => events.received(bytes));
    socket.on('drain', () => events.drained());
    socket.on('close', end);
    socket.on('end', end);
    if (early.length > 0) events.received(early);
    if (socket.destroyed) end();
    else socket.resume();
  }

  write(bytes: Uint8Array): boolean {
    return this.#socket.destroyed || this.#socket.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    socket.end();
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS);
    socket.once('close', () => clearTimeout(timer));
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
