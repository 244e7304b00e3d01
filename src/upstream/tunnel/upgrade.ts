import type { Socket } from 'node:net';
import { bodyDecoder } from '../../core/http1/body-decoder.ts';
import { BadMessageError, HeadParser } from '../../core/http1/head-parser.ts';
import type { CompiledDestination } from '../compiled-destination.ts';
import { badResponse, cancelledFailure, closedFailure, connectFailure, timeoutFailure } from '../failures.ts';
import {
  type RequestHeaders,
  type Timeouts,
  type Tunnel,
  type UpgradeAnswer,
  type UpgradeAttempt,
  UpstreamError,
} from '../port.ts';
import { ResponseHead } from '../socket/response-head.ts';
import { dial, readHead, type Way } from './dial.ts';
import { SocketTunnel } from './socket-tunnel.ts';

/** How long the body of a refusal may take: it is only read for its message. */
const REFUSAL_MILLISECONDS = 2000;

/** Here the switch of protocols was asked for, and ends the exchange of heads. */
class UpgradeHead extends ResponseHead {
  override get isInterim(): boolean {
    return this.status < 200 && this.status !== 101;
  }

  protected override checkFraming(): string | null {
    return this.status === 101 ? null : super.checkFraming();
  }
}

/** One request to speak another protocol, on a connection of its own. */
export class Upgrade implements UpgradeAttempt {
  readonly answer: Promise<UpgradeAnswer>;
  readonly #abort = new AbortController();
  #socket: Socket | null = null;
  #dispatched = false;

  constructor(destination: CompiledDestination, timeouts: Timeouts, upgrade: RequestHeaders, way: Way) {
    this.answer = this.#begin(destination, timeouts, upgrade, way);
    // Whoever cancels no longer awaits the answer; an unhandled rejection would end the process.
    this.answer.catch(() => {});
  }

  cancel(): void {
    this.#abort.abort(cancelledFailure(this.#dispatched));
    this.#socket?.destroy();
  }

  async #begin(
    destination: CompiledDestination,
    { connect, firstByte }: Timeouts,
    upgrade: RequestHeaders,
    way: Way,
  ): Promise<UpgradeAnswer> {
    const { label } = destination;
    const { signal } = this.#abort;
    const stopConnecting = this.#limit(connect, () => timeoutFailure('connect_timeout', label, connect, false));
    try {
      this.#socket = await dial(destination, way, signal);
    } catch (error) {
      throw error instanceof UpstreamError ? error : connectFailure(labelOf(destination, way), error, false);
    } finally {
      stopConnecting();
    }
    const socket = this.#socket;
    const stopWaiting = this.#limit(firstByte, () => timeoutFailure('first_byte_timeout', label, firstByte, true));
    try {
      this.#dispatched = true;
      socket.write(requestHead(destination, upgrade));
      const head = await readHead(socket, new HeadParser(() => new UpgradeHead()), signal);
      return new SocketAnswer(head, socket);
    } catch (error) {
      socket.destroy();
      if (error instanceof UpstreamError) throw error;
      if (error instanceof BadMessageError) throw badResponse(label, error.message);
      throw closedFailure(label, error, true);
    } finally {
      stopWaiting();
    }
  }

  /** Aborts after so many milliseconds, 0 for never; the function it returns calls that off. */
  #limit(milliseconds: number, failure: () => UpstreamError): () => void {
    if (milliseconds === 0) return () => {};
    const timer = setTimeout(() => this.#abort.abort(failure()), milliseconds);
    return () => clearTimeout(timer);
  }
}

/** For messages: where it was to go, and through whom; credentials never. */
function labelOf({ label }: CompiledDestination, { proxy }: Way): string {
  return proxy === null ? label : `${label} through the proxy ${proxy.host}`;
}

/** The destination's headers were checked when it was compiled; those of the upgrade are our own. */
function requestHead({ method, target, headers }: CompiledDestination, upgrade: RequestHeaders): string {
  const fields = [...headers, ['connection', 'Upgrade'] as const, ...upgrade];
  return `${method} ${target} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

class SocketAnswer implements UpgradeAnswer {
  readonly tunnel: Tunnel | null;
  readonly #head: UpgradeHead;
  readonly #socket: Socket;

  constructor(head: UpgradeHead, socket: Socket) {
    this.#head = head;
    this.#socket = socket;
    this.tunnel = head.status === 101 ? new SocketTunnel(socket, this.#firstBytes()) : null;
  }

  get status(): number {
    return this.#head.status;
  }

  header(name: string): string | null {
    return this.#head.header(name);
  }

  text(limit: number): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = this.#socket;
    const decoder = bodyDecoder(this.#head);
    let text = '';
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.from(text.slice(0, limit), 'latin1').toString());
    };
    const take = (bytes: Buffer) => {
      try {
        text += decoder.decode(bytes).toString('latin1');
        if (decoder.done || text.length >= limit) finish();
      } catch {
        finish();
      }
    };
    const timer = setTimeout(finish, REFUSAL_MILLISECONDS);
    socket.on('data', take);
    socket.once('close', finish);
    take(this.#firstBytes());
    socket.resume();
    return promise;
  }

  #firstBytes(): Buffer {
    const { bytes, bodyStart, bodyEnd } = this.#head;
    return bytes.subarray(bodyStart, bodyEnd);
  }
}
