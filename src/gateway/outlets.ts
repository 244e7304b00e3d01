import type { UpstreamSettings } from '../config/types.ts';
import type { Destination, PreparedRequest, Timeouts, Transport } from '../upstream/port.ts';
import type { Outlet } from './snapshot.ts';

/** Makes the outlets of one target, with the timeouts that the configuration gives. */
export class Outlets {
  readonly #transport: Transport;
  readonly #timeouts: Timeouts;
  readonly #streamTotal: number;
  readonly #credentialHeaders: readonly string[];

  /** The headers in lower case that carry the configured credential. */
  constructor(transport: Transport, settings: UpstreamSettings, credentialHeaders: readonly string[]) {
    this.#transport = transport;
    this.#credentialHeaders = credentialHeaders;
    this.#timeouts = {
      connect: settings.connectTimeout,
      firstByte: settings.firstByteTimeout,
      idle: settings.idleTimeout,
      total: settings.totalTimeout,
    };
    this.#streamTotal = settings.streamTotalTimeout;
  }

  whole(destination: Destination): Outlet {
    return this.#outlet(destination, this.#timeouts);
  }

  streamed(destination: Destination): Outlet {
    return this.#outlet(destination, { ...this.#timeouts, total: this.#streamTotal });
  }

  #outlet(destination: Destination, timeouts: Timeouts): Outlet {
    const headers = destination.headers.filter(([name]) => !this.#credentialHeaders.includes(name.toLowerCase()));
    return new PreparedOutlet(this.#transport, destination, { ...destination, headers }, timeouts);
  }
}

class PreparedOutlet implements Outlet {
  readonly destination: Destination;
  readonly request: PreparedRequest;
  readonly headers: ReadonlyMap<string, string>;
  readonly #prepareBare: () => PreparedRequest;
  /** Prepared at first use: few endpoints ever need one. */
  #bare: PreparedRequest | null = null;

  constructor(transport: Transport, destination: Destination, bare: Destination, timeouts: Timeouts) {
    this.destination = destination;
    this.headers = new Map(destination.headers.map(([name, value]) => [name.toLowerCase(), String(value)]));
    this.request = transport.prepare(destination, timeouts);
    this.#prepareBare = () => transport.prepare(bare, timeouts);
  }

  get withoutCredentials(): PreparedRequest {
    this.#bare ??= this.#prepareBare();
    return this.#bare;
  }
}
