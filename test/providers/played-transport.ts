import { compileDestination } from '../../src/upstream/compiled-destination.ts';
import type {
  Attempt,
  Destination,
  PreparedRequest,
  RelayAttempt,
  RelayTransport,
  TransportStatistics,
  UpgradeAttempt,
  UpstreamResponse,
} from '../../src/upstream/port.ts';
import type { PlayedBytes } from './frames.ts';

export interface SentRequest {
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A transport without a network: it keeps what is sent and plays the responses in their order. */
export class PlayedTransport implements RelayTransport {
  sent: SentRequest[] = [];
  #responses: readonly PlayedBytes[] = [];

  /** Forgets what was sent, and sets the responses to what comes next. */
  play(responses: readonly PlayedBytes[]): void {
    this.sent = [];
    this.#responses = responses;
  }

  prepare(destination: Destination): PreparedRequest {
    const { url, headers } = compileDestination(destination);
    const fixed = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
    return {
      send: (body, more: ReadonlyArray<readonly [string, string]> = []) => {
        const added = more.map(([name, value]) => [name.toLowerCase(), value] as const);
        const sent = { url, headers: Object.fromEntries([...fixed, ...added]), body: textOf(body) };
        return this.#answer(this.sent.push(sent) - 1);
      },
    };
  }

  request(): RelayAttempt {
    throw new Error('Nothing is relayed here.');
  }

  upgrade(): UpgradeAttempt {
    throw new Error('Nothing is relayed here.');
  }

  statistics(): TransportStatistics {
    return { open: 0, idle: 0 };
  }

  close(): void {}

  #answer(index: number): Attempt {
    const played = this.#responses[index];
    if (!played) throw new Error(`The gateway made upstream call ${index + 1}; the fixture has no response for it.`);
    return { response: Promise.resolve(new PlayedResponse(played)), cancel: () => {} };
  }
}

function textOf(body: string | Uint8Array | null): string {
  return typeof body === 'string' ? body : Buffer.from(body ?? []).toString('utf8');
}

class PlayedResponse implements UpstreamResponse {
  readonly status: number;
  readonly #played: PlayedBytes;
  #next = 0;

  constructor(played: PlayedBytes) {
    this.status = played.status;
    this.#played = played;
  }

  header(name: string): string | null {
    return this.#played.headers[name] ?? null;
  }

  async bytes(): Promise<Uint8Array> {
    return Buffer.concat(this.#played.pieces);
  }

  async text(): Promise<string> {
    return Buffer.concat(this.#played.pieces).toString();
  }

  async read(): Promise<Uint8Array | null> {
    return this.#played.pieces[this.#next++] ?? null;
  }
}
