import { GatewayError } from '../../core/errors.ts';
import type { RelayPlace } from '../../providers/provider.ts';
import type { UpgradeAnswer, UpgradeAttempt } from '../../upstream/port.ts';
import { fieldLines } from '../answer-fields.ts';
import type { Exchange } from '../exchange.ts';
import type { Observer } from '../pipeline.ts';
import type { Snapshot } from '../snapshot.ts';
import { errorAnswer, MAX_ERROR_BYTES } from '../upstream-errors.ts';
import { admitTo, endpointNamed, givenName, NAMING_PARAMETERS } from './find-endpoint.ts';
import { CREDENTIAL_PARAMETERS, joinQueries, queryParameter, withoutParameters } from './query.ts';
import { RealtimeSession } from './realtime-session.ts';
import { placeOf, type Relay } from './relay.ts';
import { knownHeaders } from './relay-headers.ts';
import type { RelayIncoming } from './relay-incoming.ts';
import { acceptedFields, readHandshake, upgradeHeaders } from './web-socket-handshake.ts';

const WITHOUT_MODEL: ReadonlySet<string> = new Set([...NAMING_PARAMETERS, ...CREDENTIAL_PARAMETERS, 'model']);

/**
 * Opens a conversation over a WebSocket, https://platform.openai.com/docs/guides/realtime-websocket. It counts as one
 * call. Rejects where it cannot be opened; from then on a session owns the exchange.
 */
export async function openRealtime(
  snapshot: Snapshot,
  exchange: Exchange,
  incoming: RelayIncoming,
  observer: Observer,
): Promise<void> {
  const handshake = readHandshake(incoming);
  const name = givenName(incoming) ?? queryParameter(incoming.query, 'model');
  if (name === null) {
    const message = "Missing required parameter: 'model'. It names the endpoint.";
    throw new GatewayError('invalid_request', message, { parameter: 'model' });
  }
  const endpoint = endpointNamed(snapshot, name);
  const place = endpoint.relay && placeOf(endpoint.relay, 'realtime');
  const relay = admitTo(exchange, endpoint, 'realtime', place !== null);
  if (place === null) throw new Error('an endpoint was admitted without a place');
  exchange.upstreamStartedAt = performance.now();
  const attempt = upgrade(incoming, relay, place, upgradeHeaders(handshake));
  exchange.attempt = attempt;
  const answer = await attempt.answer;
  exchange.firstByteAt = performance.now();
  exchange.upstreamStatus = answer.status;
  const { tunnel } = answer;
  if (tunnel === null) throw await refusal(answer);
  const fields = `x-request-id: ${exchange.id}\r\n${acceptedFields(handshake, answer)}`;
  exchange.status = 101;
  const client = incoming.switchProtocols(exchange.headers === null ? fields : fields + fieldLines(exchange.headers));
  new RealtimeSession(exchange, observer, client, tunnel, {
    idleTimeout: relay.timeouts.idle,
    maxClientMessage: snapshot.maxRequestBody,
  }).begin();
}

function upgrade(
  incoming: RelayIncoming,
  relay: Relay,
  place: RelayPlace,
  headers: ReturnType<typeof upgradeHeaders>,
): UpgradeAttempt {
  const given = withoutParameters(incoming.query, WITHOUT_MODEL);
  // A transcription, or a call that is listened to, has no model of its own.
  const needsModel = queryParameter(given, 'intent') === null && queryParameter(given, 'call_id') === null;
  const hasModel = needsModel || queryParameter(incoming.query, 'model') !== null;
  const model = hasModel && place.model !== null ? `model=${encodeURIComponent(place.model)}` : '';
  const destination = {
    method: 'GET',
    url: `${place.base}/realtime${joinQueries(place.query, model, given)}`,
    headers: knownHeaders(incoming, relay.target.headers, false),
  };
  try {
    return relay.transport.upgrade(destination, relay.timeouts, headers);
  } catch (cause) {
    throw new GatewayError('invalid_request', 'The query or a header has a character that none may have.', { cause });
  }
}

/** The upstream's error for a handshake that it refuses. */
async function refusal(answer: UpgradeAnswer): Promise<GatewayError> {
  const text = await answer.text(MAX_ERROR_BYTES);
  const response = {
    status: answer.status,
    header: (name: string) => answer.header(name),
    bytes: async () => Buffer.from(text),
    text: () => text,
    read: async () => null,
  };
  return errorAnswer(response, { kind: 'pass', readError: undefined });
}
