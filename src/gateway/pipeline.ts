import { GatewayError } from '../core/errors.ts';
import { admit } from './admit.ts';
import { answerFields, errorFields } from './answer-fields.ts';
import { capture } from './capture.ts';
import { countTokens } from './count-tokens.ts';
import { dispatch } from './dispatch.ts';
import { embedEach } from './embed-each.ts';
import { Exchange, type Incoming } from './exchange.ts';
import { settle } from './settle.ts';
import type { Snapshot } from './snapshot.ts';
import { streamAnswer } from './stream.ts';
import { asGatewayError, errorAnswer, scrubError } from './upstream-errors.ts';
import { MAX_ANSWER_BYTES, wholeAnswer } from './whole-answer.ts';

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
export async function handle(snapshot: Snapshot, incoming: Incoming, observer: Observer): Promise<void> {
  const exchange = new Exchange(incoming, snapshot);
  try {
    const text = incoming.read();
    incoming.text = typeof text === 'string' ? text : await arrived(exchange, text);
    const { endpoint, request } = admit(snapshot, exchange);
    if (incoming.path.action === 'count-tokens') {
      return conclude(exchange, await countTokens(exchange, endpoint, request), observer);
    }
    const upstream = endpoint.upstreams[incoming.dialect.format];
    if (upstream.kind === 'translate' && upstream.oneInput) {
      return conclude(exchange, await embedEach(exchange, endpoint, upstream, request), observer);
    }
    const response = await dispatch(exchange, endpoint, request, upstream).response;
    exchange.received(response);
    if (response.status < 200 || response.status > 299) throw await errorAnswer(response, exchange.upstream);
    if (exchange.isStream) return await streamAnswer(exchange, endpoint, request, response, observer);
    const answer = response.text(MAX_ANSWER_BYTES);
    const answerText = typeof answer === 'string' ? answer : await answer;
    exchange.upstreamEndedAt = performance.now();
    return conclude(exchange, wholeAnswer(exchange, endpoint, request, response, answerText), observer);
  } catch (error) {
    refuse(exchange, asGatewayError(error), observer);
  }
}

function conclude(exchange: Exchange, answer: string, observer: Observer): void {
  exchange.status = 200;
  exchange.responseBytes = Buffer.byteLength(answer);
  const fields = answerFields(exchange);
  settle(exchange);
  exchange.incoming.respond(200, fields, answer);
  if (exchange.endpoint?.logging === 'full') capture(exchange, answer);
  observer.ended(exchange);
}

async function arrived(exchange: Exchange, text: Promise<string>): Promise<string> {
  try {
    return await text;
  } finally {
    exchange.receivedAt = performance.now();
  }
}

/** Whatever it is that cannot be told, the client gets an answer. */
export function refuse(exchange: Exchange, failure: GatewayError, observer: Observer): void {
  try {
    refuseWith(exchange, scrubError(failure, exchange), observer);
  } catch (cause) {
    refuseWith(exchange, new GatewayError('internal', 'Internal Server Error', { cause }), observer);
  }
}

function refuseWith(exchange: Exchange, error: GatewayError, observer: Observer): void {
  const { incoming } = exchange;
  const body = incoming.dialect.error(error);
  exchange.attempt?.cancel();
  exchange.status = error.status;
  exchange.error = error;
  if (error.code === 'client_closed') exchange.clientGone = true;
  if (exchange.upstreamStartedAt > 0 && exchange.upstreamEndedAt === 0) exchange.upstreamEndedAt = performance.now();
  exchange.responseBytes = Buffer.byteLength(body);
  settle(exchange);
  if (error.status >= 500 && !exchange.clientGone) observer.failed(exchange, error);
  observer.ended(exchange);
  incoming.respond(error.status, errorFields(exchange, error), body);
  if (exchange.endpoint?.logging === 'full') capture(exchange, body);
}
