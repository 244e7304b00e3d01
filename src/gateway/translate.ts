import { GatewayError } from '../core/errors.ts';
import { Changes } from '../core/neutral/changes.ts';
import type { NeutralRequest } from '../core/neutral/request.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import type { Attempt } from '../upstream/port.ts';
import { noteChanges } from './changes.ts';
import { DeferredAttempt } from './deferred-attempt.ts';
import type { Exchange } from './exchange.ts';
import { hasRemoteMedia } from './remote-media.ts';
import { send } from './send.ts';
import type { Endpoint, Outlet, Translation } from './snapshot.ts';

/** Sends a request to an upstream with a wire format of its own. */
export function translate(
  exchange: Exchange,
  endpoint: Endpoint,
  configured: Translation,
  request: CheckedRequest,
): Attempt {
  const { dialect, operation } = exchange.incoming;
  const neutral = dialect.decode(operation, request, endpoint.context);
  const { alternative } = configured;
  const upstream = alternative?.serves(neutral) ? alternative.upstream : configured;
  exchange.upstream = upstream;
  if (exchange.isStream && !upstream.wire.stream) throw notStreamed(endpoint);
  const { inlineMedia } = upstream;
  if (inlineMedia && neutral.operation === 'chat' && hasRemoteMedia(neutral)) {
    return new DeferredAttempt(async () => {
      const inlined = await inlineMedia(neutral);
      return () => sendEncoded(exchange, endpoint, upstream, inlined);
    }, upstream.preparationTimeout);
  }
  return sendEncoded(exchange, endpoint, upstream, neutral);
}

function sendEncoded(exchange: Exchange, endpoint: Endpoint, upstream: Translation, neutral: NeutralRequest): Attempt {
  const changes = new Changes();
  const body = JSON.stringify(upstream.wire.encode(neutral, changes));
  noteChanges(exchange, endpoint, changes);
  return send(exchange, upstream, outletFor(exchange, upstream, neutral), body);
}

function outletFor({ isStream }: Exchange, { whole, streamed, batch }: Translation, neutral: NeutralRequest): Outlet {
  if (isStream) return streamed;
  return neutral.operation === 'embeddings' && neutral.input.length > 1 ? batch : whole;
}

export function notStreamed({ operation, displayName }: Endpoint): GatewayError {
  return new GatewayError(
    'not_implemented',
    `The ${operation} streaming route is not implemented for ${displayName} models.`,
  );
}
