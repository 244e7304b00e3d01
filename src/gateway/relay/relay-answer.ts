import { GatewayError } from '../../core/errors.ts';
import { scrubber } from '../../core/quoted-secrets.ts';
import type { RelayResponse } from '../../upstream/port.ts';
import { fieldLines } from '../answer-fields.ts';
import { capture, RelayCapture } from '../capture.ts';
import type { Exchange } from '../exchange.ts';
import { secretsOf } from '../exchange-secrets.ts';
import type { Observer } from '../pipeline.ts';
import { settle } from '../settle.ts';
import { asGatewayError, MAX_ERROR_BYTES, scrubError } from '../upstream-errors.ts';
import { relayedFields } from './answer-headers.ts';
import type { RelayIncoming } from './relay-incoming.ts';
import { UsageWatch } from './usage-watch.ts';

/** Statuses that have no body: https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1 */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** The one owner of an answer on its way: whoever leaves, whatever breaks, it cancels the upstream and settles. */
export class RelayAnswer {
  readonly #exchange: Exchange;
  readonly #incoming: RelayIncoming;
  readonly #response: RelayResponse;
  readonly #observer: Observer;
  readonly #isRaw: boolean;
  readonly #watch: UsageWatch | null;
  readonly #isEvents: boolean;
  readonly #capture: RelayCapture | null;

  constructor(exchange: Exchange, incoming: RelayIncoming, response: RelayResponse, observer: Observer) {
    this.#exchange = exchange;
    this.#incoming = incoming;
    this.#response = response;
    this.#observer = observer;
    this.#isRaw = incoming.call.kind === 'raw';
    const contentType = response.header('content-type') ?? '';
    this.#isEvents = contentType.toLowerCase().startsWith('text/event-stream');
    this.#watch = UsageWatch.for(contentType);
    this.#capture = RelayCapture.for(exchange, response);
  }

  begin(): void {
    const { status } = this.#response;
    const incoming = this.#incoming;
    this.#exchange.status = status;
    incoming.onClientGone = () => this.#clientLeft();
    incoming.onDrain = () => this.#pull();
    if (incoming.method === 'HEAD' || WITHOUT_BODY.has(status)) {
      const fields = this.#fields(incoming.method === 'HEAD');
      this.#account();
      incoming.respondWithoutBody(status, fields);
      this.#exchange.attempt?.cancel();
      this.#ended();
      return;
    }
    incoming.startBytes(status, this.#fields(false), this.#length());
    this.#pull();
  }

  /** A raw answer that tells of an error goes on as it is, but for the credentials that it may quote. */
  async beginError(): Promise<void> {
    const { status } = this.#response;
    const text = Buffer.from(await this.#response.bytes(MAX_ERROR_BYTES)).toString('latin1');
    this.#exchange.status = status;
    const error = new GatewayError('upstream_error', `The upstream answered with status ${status}.`, { status });
    this.#exchange.error = error;
    if (status >= 500) this.#observer.failed(this.#exchange, error);
    const fields = this.#fields(false);
    const clean = scrubber(secretsOf(this.#exchange))(text);
    this.#exchange.responseBytes = clean.length;
    this.#account();
    this.#incoming.startBytes(status, fields, clean.length);
    this.#incoming.end(clean);
    if (this.#capture !== null) capture(this.#exchange, Buffer.from(clean, 'latin1').toString('utf8'));
    this.#observer.ended(this.#exchange);
  }

  /** The length of the body where it passes as it was sent. */
  #length(): number | null {
    const encoding = this.#response.header('content-encoding') ?? 'identity';
    const length = this.#response.header('content-length');
    return length !== null && encoding.toLowerCase() === 'identity' && /^\d{1,15}$/.test(length)
      ? Number(length)
      : null;
  }

  #fields(withLength: boolean): string {
    const length = this.#response.header('content-length');
    const fields = relayedFields(this.#exchange, this.#response, this.#isRaw);
    return withLength && length !== null ? fields + fieldLines({ 'content-length': length }) : fields;
  }

  /** Nothing is read ahead of the client: a slow one slows the upstream. */
  #pull(): void {
    this.#response.read().then(this.#onBytes, this.#onFailure);
  }

  readonly #onBytes = (bytes: Uint8Array | null): void => {
    if (this.#exchange.settled) return;
    if (bytes === null) {
      this.#account();
      this.#incoming.end('');
      this.#ended();
      return;
    }
    this.#watch?.take(bytes);
    this.#capture?.add(bytes);
    this.#exchange.responseBytes += bytes.length;
    if (bytes.length === 0 || this.#incoming.writeBytes(bytes)) this.#pull();
  };

  readonly #onFailure = (cause: unknown): void => {
    if (this.#exchange.settled) return;
    const error = scrubError(asGatewayError(cause), this.#exchange);
    this.#exchange.attempt?.cancel();
    this.#exchange.error = error;
    this.#observer.failed(this.#exchange, error);
    // Only between two events another one can say what happened; elsewhere the cut does.
    const canTell = this.#isEvents && !this.#isRaw && this.#watch?.isBetweenEvents === true && this.#length() === null;
    this.#incoming.onClientGone = null;
    const { dialect, path } = this.#incoming;
    this.#account();
    if (canTell) this.#incoming.end(dialect.streamError(error, path));
    else this.#incoming.cut();
    this.#ended();
  };

  #clientLeft(): void {
    if (this.#exchange.settled) return;
    this.#exchange.abandon();
    this.#account();
    this.#ended();
  }

  /** Before the last byte goes out. */
  #account(): void {
    this.#exchange.usage = this.#watch?.usage() ?? null;
    settle(this.#exchange);
  }

  #ended(): void {
    this.#capture?.end();
    this.#observer.ended(this.#exchange);
  }
}
