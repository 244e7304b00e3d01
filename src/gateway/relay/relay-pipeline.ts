import { GatewayError } from '../../core/errors.ts';
import { scrub } from '../../core/secret.ts';
import type { RelayFamily } from '../../providers/provider.ts';
import { type RelayAttempt, UpstreamError } from '../../upstream/port.ts';
import { isCaptured } from '../capture.ts';
import { Exchange } from '../exchange.ts';
import { secretsOf } from '../exchange-secrets.ts';
import { type Observer, refuse } from '../pipeline.ts';
import type { Snapshot } from '../snapshot.ts';
import { asGatewayError, errorAnswer } from '../upstream-errors.ts';
import { authorizeRelay } from './authorize.ts';
import { type OutgoingRelay, prepareRelay } from './prepare.ts';
import { openRealtime } from './realtime.ts';
import { RelayAnswer } from './relay-answer.ts';
import type { RelayIncoming } from './relay-incoming.ts';

/**
 * One request that passes as it comes, top to bottom: its endpoint, policies, upstream, and back. The second, smaller
 * pipeline beside `handle`; it never rejects either.
 */
export async function handleRelay(snapshot: Snapshot, incoming: RelayIncoming, observer: Observer): Promise<void> {
  const exchange = new Exchange(incoming, snapshot);
  const { call } = incoming;
  exchange.surface = call.kind === 'realtime' ? 'realtime' : 'relay';
  exchange.operation = call.kind === 'family' ? operationOf(call.family) : call.kind;
  // Timed as a stream: to the first byte of its answer.
  exchange.isStream = true;
  incoming.onClientGone = () => exchange.abandon();
  try {
    if (call.kind === 'realtime') return await openRealtime(snapshot, exchange, incoming, observer);
    const prepared = await prepareRelay(snapshot, exchange, incoming);
    const outgoing = await authorizeRelay(exchange, prepared, snapshot.maxRequestBody);
    if (isCaptured(exchange) && typeof outgoing.body === 'string') incoming.text = outgoing.body;
    const response = await send(exchange, outgoing).response;
    exchange.received(response);
    exchange.upstreamRequestId = requestId(exchange, outgoing, (name) => response.header(name));
    const answer = new RelayAnswer(exchange, incoming, response, observer);
    const { status } = response;
    const isRaw = call.kind === 'raw';
    if (isRaw && status >= 400 && incoming.method !== 'HEAD') return await answer.beginError();
    if (!isRaw && (status < 200 || status > 299)) throw await errorAnswer(response, QUOTED);
    answer.begin();
  } catch (error) {
    refuse(exchange, relayError(error), observer);
  }
}

function operationOf(family: RelayFamily): string {
  return family === 'rerank-v2' ? 'rerank' : family;
}

/** Families are OpenAI's: so are their errors, and clients get them whole. */
const QUOTED = { kind: 'pass', readError: undefined } as const;

function send(exchange: Exchange, { relay, destination, body }: OutgoingRelay): RelayAttempt {
  exchange.upstreamStartedAt = performance.now();
  const attempt = compiled(() => relay.transport.request(destination, relay.timeouts, body));
  exchange.attempt = attempt;
  // The client may have left while its body was looked at.
  if (exchange.clientGone) attempt.cancel();
  return attempt;
}

/** The configured part was checked when it was compiled: what a transport refuses is the client's. */
function compiled<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.replaceAll('upstream ', '') : 'The request cannot be sent.';
    throw new GatewayError('invalid_request', message, { cause });
  }
}

/** Where the client's body broke off or was refused on its way, that is what happened. */
export function relayError(error: unknown): GatewayError {
  if (error instanceof UpstreamError && error.cause instanceof GatewayError) return error.cause;
  return asGatewayError(error);
}

const REQUEST_ID = /^[\x21-\x7e]{1,200}$/;

export function requestId(
  exchange: Exchange,
  { relay }: Pick<OutgoingRelay, 'relay'>,
  header: (name: string) => string | null,
): string | null {
  const id = header(relay.target.requestIdHeader ?? 'x-request-id');
  return id !== null && REQUEST_ID.test(id) ? scrub(id, secretsOf(exchange)) : null;
}
