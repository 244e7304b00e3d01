import { GatewayError } from '../../core/errors.ts';
import { isJsonObject } from '../../core/types.ts';
import type { Tunnel } from '../../upstream/port.ts';
import type { Exchange } from '../exchange.ts';
import type { Observer } from '../pipeline.ts';
import { settle } from '../settle.ts';
import { addTurn, readRelayedUsage } from './usage.ts';
import { closeFrame, FrameError, GOING_AWAY, WebSocketFrames } from './web-socket-frames.ts';

/** An event of the provider beyond this is not looked into: those with token counts are small. */
const MAX_EVENT = 1024 * 1024;
/** A message of the provider beyond this is refused. */
const MAX_UPSTREAM_MESSAGE = 256 * 2 ** 20;
/** How long the other side may take to close after one side has. */
const CLOSING_MILLISECONDS = 2000;

/** The events that count tokens: of a turn, and of what was said being written down. */
const COUNTING = ['"response.done"', '"conversation.item.input_audio_transcription.completed"'];

export interface SessionOptions {
  /** Milliseconds without a byte in either direction; 0 for no limit. */
  readonly idleTimeout: number;
  readonly maxClientMessage: number;
}

/** One direction of the conversation. */
interface Side {
  readonly tunnel: Tunnel;
  /** Follows what comes from this side. */
  readonly frames: WebSocketFrames;
  /** Whether frames that go to this side are masked. */
  readonly takesMasked: boolean;
  isOver: boolean;
}

/**
 * A conversation under way: bytes pass both ways as they come, pings and all, and frames are followed from the side. It
 * owns the exchange: whoever leaves, whatever breaks, both sides are closed and the tokens are counted.
 */
export class RealtimeSession {
  readonly #exchange: Exchange;
  readonly #observer: Observer;
  readonly #options: SessionOptions;
  readonly #client: Side;
  readonly #upstream: Side;
  #idleTimer: ReturnType<typeof setInterval> | null = null;
  #lastByteAt = performance.now();

  constructor(exchange: Exchange, observer: Observer, client: Tunnel, upstream: Tunnel, options: SessionOptions) {
    this.#exchange = exchange;
    this.#observer = observer;
    this.#options = options;
    this.#client = {
      tunnel: client,
      frames: new WebSocketFrames({
        masked: true,
        maxMessage: options.maxClientMessage,
        maxText: 0,
        onText: () => {},
      }),
      takesMasked: false,
      isOver: false,
    };
    this.#upstream = {
      tunnel: upstream,
      frames: new WebSocketFrames({
        masked: false,
        maxMessage: MAX_UPSTREAM_MESSAGE,
        maxText: MAX_EVENT,
        onText: (text) => this.#read(text),
      }),
      takesMasked: true,
      isOver: false,
    };
  }

  begin(): void {
    const { idleTimeout } = this.#options;
    if (idleTimeout > 0) this.#idleTimer = setInterval(() => this.#checkIdle(), Math.max(10, idleTimeout / 4));
    this.#connect(this.#client, this.#upstream);
    this.#connect(this.#upstream, this.#client);
  }

  #connect(from: Side, to: Side): void {
    from.tunnel.listen({
      received: (bytes) => this.#pass(from, to, bytes),
      drained: () => to.tunnel.resume(),
      ended: () => this.#sideEnded(from, to),
    });
  }

  #pass(from: Side, to: Side, bytes: Buffer): void {
    if (to.isOver) return;
    this.#lastByteAt = performance.now();
    try {
      from.frames.take(bytes);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#fail(from, to, error);
      return;
    }
    if (from === this.#client) this.#exchange.furtherBytes += bytes.length;
    else this.#exchange.responseBytes += bytes.length;
    if (!to.tunnel.write(bytes)) from.tunnel.pause();
  }

  /** What the peer sent may have begun to go on before, so that only between frames a close frame can follow. */
  #fail(from: Side, to: Side, { code, message }: FrameError): void {
    const who = from === this.#client ? 'client' : 'upstream';
    const failure = new GatewayError('upstream_invalid', `The ${who} broke the rules of WebSockets: ${message}.`);
    this.#exchange.error = failure;
    if (from === this.#upstream) this.#observer.failed(this.#exchange, failure);
    this.#settle();
    this.#close(from, to.frames.isBetweenFrames ? code : null);
    this.#close(to, null);
  }

  #checkIdle(): void {
    if (performance.now() - this.#lastByteAt < this.#options.idleTimeout) return;
    this.#settle();
    this.#close(this.#client, this.#upstream.frames.isBetweenFrames ? GOING_AWAY : null);
    this.#close(this.#upstream, this.#client.frames.isBetweenFrames ? GOING_AWAY : null);
  }

  /** With a code where a close frame may be written. */
  #close(side: Side, code: number | null): void {
    if (side.isOver) return;
    side.isOver = true;
    if (code !== null) side.tunnel.write(closeFrame(code, side.takesMasked));
    side.tunnel.end();
    setTimeout(() => side.tunnel.destroy(), CLOSING_MILLISECONDS).unref();
  }

  #sideEnded(from: Side, to: Side): void {
    if (from === this.#client && !from.isOver && !from.frames.isClosing && !to.frames.isClosing) {
      this.#exchange.clientGone = true;
    }
    from.isOver = true;
    // An end without a close frame would look like a fault of the network to whoever waits on the other side.
    const isTold = from.frames.isClosing;
    this.#settle();
    this.#close(to, !isTold && from.frames.isBetweenFrames ? GOING_AWAY : null);
  }

  #read(text: string): void {
    if (!COUNTING.some((type) => text.includes(type))) return;
    let event: unknown;
    try {
      event = JSON.parse(text);
    } catch {
      return;
    }
    if (!isJsonObject(event)) return;
    const counted = isJsonObject(event.response) ? event.response.usage : event.usage;
    this.#exchange.usage = addTurn(this.#exchange.usage, readRelayedUsage(counted));
  }

  #settle(): void {
    if (this.#exchange.settled) return;
    if (this.#idleTimer !== null) clearInterval(this.#idleTimer);
    settle(this.#exchange);
    this.#observer.ended(this.#exchange);
  }
}
