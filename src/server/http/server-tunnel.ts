import type { Tunnel, TunnelEvents } from '../../upstream/port.ts';

/** The connection that has left HTTP behind. */
interface TunnelConnection {
  tunnelWrite(bytes: Uint8Array): boolean;
  tunnelPause(): void;
  tunnelResume(): void;
  tunnelEnd(): void;
  destroy(): void;
}

/** The client's side of a tunnel. */
export class ServerTunnel implements Tunnel {
  readonly #connection: TunnelConnection;
  #events: TunnelEvents | null = null;
  /** What came before anybody listened. */
  #early: Buffer[];
  #isOver = false;

  constructor(connection: TunnelConnection, early: Buffer | null) {
    this.#connection = connection;
    this.#early = early === null ? [] : [early];
    connection.tunnelPause();
  }

  listen(events: TunnelEvents): void {
    this.#events = events;
    for (const bytes of this.#early.splice(0)) events.received(bytes);
    if (this.#isOver) events.ended();
    else this.#connection.tunnelResume();
  }

  write(bytes: Uint8Array): boolean {
    return this.#isOver || this.#connection.tunnelWrite(bytes);
  }

  pause(): void {
    if (!this.#isOver) this.#connection.tunnelPause();
  }

  resume(): void {
    if (!this.#isOver) this.#connection.tunnelResume();
  }

  end(): void {
    if (!this.#isOver) this.#connection.tunnelEnd();
  }

  destroy(): void {
    if (!this.#isOver) this.#connection.destroy();
  }

  received(bytes: Buffer): void {
    if (this.#events === null) this.#early.push(bytes);
    else this.#events.received(bytes);
  }

  drained(): void {
    this.#events?.drained();
  }

  ended(): void {
    this.#isOver = true;
    this.#events?.ended();
  }
}
