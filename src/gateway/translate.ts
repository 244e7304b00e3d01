import { GatewayError } from '../core/errors.ts';
import { Changes, type FieldNames } from '../core/neutral/changes.ts';
import type { NeutralRequest } from '../core/neutral/request.ts';
import { renameTools } from '../core/neutral/tool-names.ts';
import type { JsonObject } from '../core/types.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import type { Wire } from '../providers/wire.ts';
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
      return () => sendEncoded(exchange, endpoint, upstream, inlined, request);
    }, upstream.preparationTimeout);
  }
  return sendEncoded(exchange, endpoint, upstream, neutral, request);
}

function sendEncoded(
  exchange: Exchange,
  endpoint: Endpoint,
  upstream: Translation,
  neutral: NeutralRequest,
  request: CheckedRequest,
): Attempt {
  const body = encodeFor(exchange, endpoint, request, neutral, upstream.wire);
  return send(exchange, upstream, outletFor(exchange, upstream, neutral), body);
}

type Encoder = Pick<Wire, 'toolNames'> & { encode(request: NeutralRequest, changes: Changes): JsonObject };

/** The upstream's body. What it lost is noted, and what is wrong with it is said, under the client's own names. */
export function encodeFor(
  exchange: Exchange,
  endpoint: Endpoint,
  request: CheckedRequest,
  neutral: NeutralRequest,
  { toolNames, encode }: Encoder,
): string {
  const { dialect, operation } = exchange.incoming;
  const names = () => dialect.fieldNames?.(operation, request, endpoint.context);
  const renamed = toolNames !== undefined && neutral.operation === 'chat' ? renameTools(neutral, toolNames) : null;
  if (renamed) exchange.toolNames = renamed.originals;
  const changes = new Changes();
  try {
    const body = JSON.stringify(encode(renamed?.request ?? neutral, changes));
    noteChanges(exchange, endpoint, changes, names);
    return body;
  } catch (error) {
    throw inTermsOf(names, error);
  }
}

/** A refusal of a field, as the client knows that field. */
function inTermsOf(names: () => FieldNames | undefined, error: unknown): unknown {
  if (!(error instanceof GatewayError) || error.parameter === null) return error;
  const { parameter, code, message, status, headers, cause } = error;
  const own = names()?.(parameter) ?? parameter;
  if (own === parameter) return error;
  return new GatewayError(code, message.replaceAll(`'${parameter}'`, `'${own}'`), {
    parameter: own,
    status,
    headers,
    cause,
  });
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
