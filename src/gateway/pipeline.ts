import type { GatewayError } from '../core/errors.ts';
import { admit } from './admit.ts';
import { dispatch } from './dispatch.ts';
import { Exchange, type Incoming } from './exchange.ts';
import { settle } from './settle.ts';
import type { Snapshot } from './snapshot.ts';
import { streamAnswer } from './stream.ts';
import { asGatewayError, errorAnswer } from './upstream-errors.ts';
import { wholeAnswer } from './whole-answer.ts';

/** A whole answer larger than this is refused rather than held in memory. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** What the pipeline tells the server about, beside the answer. */
export interface Observer {
  /** An answer of 5xx, or a stream that ended in an error. */
  failed(exchange: Exchange, error: GatewayError): void;
  /** The exchange is over, the last byte of its stream included. */
  ended(exchange: Exchange): void;
}

/**
 * One request, top to bottom: decode, policies, routing, provider, upstream, and back. Never rejects. It is one
 * asynchronous function with plain ones inside, because each further one would cost every request.
 */
export async function handle(snapshot: Snapshot, incoming: Incoming, observer: Observer): Promise<Response> {
  const exchange = new Exchange(incoming);
  try {
    incoming.text = await incoming.read();
    const { endpoint, request } = admit(snapshot, exchange);
    const response = await dispatch(exchange, endpoint, request).response;
    exchange.firstByteAt = performance.now();
    if (response.status < 200 || response.status > 299) throw await errorAnswer(response, endpoint.secrets);
    if (exchange.isStream) return await streamAnswer(exchange, endpoint, response, observer);
    const bytes = await response.bytes(MAX_ANSWER_BYTES);
    exchange.upstreamEndedAt = performance.now();
    const answer = wholeAnswer(exchange, endpoint, response, bytes);
    settle(exchange);
    observer.ended(exchange);
    return answer;
  } catch (error) {
    return refuse(exchange, asGatewayError(error), observer);
  }
}

function refuse(exchange: Exchange, error: GatewayError, observer: Observer): Response {
  exchange.attempt?.cancel();
  exchange.status = error.status;
  settle(exchange);
  if (error.status >= 500 && !exchange.clientGone) observer.failed(exchange, error);
  observer.ended(exchange);
  return new Response(exchange.incoming.dialect.error(error), {
    status: error.status,
    headers: { 'content-type': 'application/json', ...exchange.headers, ...error.headers },
  });
}
