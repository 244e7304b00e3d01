import { GatewayError } from '../core/errors.ts';
import { Changes } from '../core/neutral/changes.ts';
import type { NeutralChatRequest, NeutralRequest } from '../core/neutral/request.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import { noteChanges } from './changes.ts';
import { estimateTokens } from './estimate-tokens.ts';
import type { Exchange } from './exchange.ts';
import { patch } from './patch.ts';
import { hasRemoteMedia } from './remote-media.ts';
import { send } from './send.ts';
import type { Endpoint, Outlet, PassThrough, Translation } from './snapshot.ts';
import { encodeFor } from './translate.ts';
import { saysNoSuchPath } from './uncertain-attempt.ts';
import { errorAnswer } from './upstream-errors.ts';
import { MAX_ANSWER_BYTES, readJson } from './whole-answer.ts';

/**
 * Answers how many tokens a request would cost: as the provider counts them where it does, else as an estimate, which
 * `x-sluice-changed` says.
 */
export async function countTokens(exchange: Exchange, endpoint: Endpoint, request: CheckedRequest): Promise<string> {
  const { dialect } = exchange.incoming;
  const upstream = endpoint.upstreams[dialect.format];
  const passed = upstream.kind === 'pass' ? await countNatively(exchange, endpoint, upstream, request) : null;
  if (passed !== null) return passed;
  if (dialect.encodeCount === undefined) throw new GatewayError('not_found', 'Not Found');
  const neutral = dialect.decode('chat', request, endpoint.context);
  if (neutral.operation !== 'chat') throw new Error('only chats are counted');
  if (upstream.kind === 'translate') {
    const counted = await countThere(exchange, endpoint, request, translationFor(upstream, neutral), neutral);
    if (counted !== null) return dialect.encodeCount(counted);
  }
  const changes = new Changes();
  changes.approximated('input_tokens');
  noteChanges(exchange, endpoint, changes);
  return dialect.encodeCount(estimateTokens(neutral));
}

/** Null where the provider has no such call, also where only its answer says so. */
async function countNatively(
  exchange: Exchange,
  endpoint: Endpoint,
  upstream: PassThrough,
  request: CheckedRequest,
): Promise<string | null> {
  const { count, substitute } = upstream;
  if (count === null || substitute?.nativeApi === 'missing' || substitute?.nativeServes(request.body) === false) {
    return null;
  }
  const body = patch(exchange, endpoint, upstream, request);
  try {
    return (await ask(exchange, upstream, count, body)).text;
  } catch (error) {
    if (substitute !== null && error instanceof GatewayError && saysNoSuchPath(error.status)) return null;
    throw error;
  }
}

function translationFor(configured: Translation, neutral: NeutralChatRequest): Translation {
  return configured.alternative?.serves(neutral) ? configured.alternative.upstream : configured;
}

/** Null where the provider has no such call. What it cannot take is left out here as it is from the request itself. */
async function countThere(
  exchange: Exchange,
  endpoint: Endpoint,
  request: CheckedRequest,
  upstream: Translation,
  neutral: NeutralChatRequest,
): Promise<number | null> {
  const { count } = upstream.wire;
  if (count === undefined || upstream.count === null) return null;
  if (upstream.inlineMedia !== null && hasRemoteMedia(neutral)) return null;
  const { toolNames } = upstream.wire;
  const encode = (named: NeutralRequest, changes: Changes) =>
    named.operation === 'chat' ? count.encode(named, changes) : {};
  const body = encodeFor(exchange, endpoint, request, neutral, { ...(toolNames && { toolNames }), encode });
  const { value } = await ask(exchange, upstream, upstream.count, body);
  return count.decode(value);
}

async function ask(
  exchange: Exchange,
  upstream: PassThrough | Translation,
  outlet: Outlet,
  body: string,
): Promise<{ readonly text: string; readonly value: unknown }> {
  exchange.upstream = upstream;
  const attempt = send(exchange, upstream, outlet, body);
  exchange.attempt = attempt;
  exchange.incoming.onClientGone = () => exchange.abandon();
  const response = await attempt.response;
  exchange.received(response);
  if (response.status < 200 || response.status > 299) throw await errorAnswer(response, upstream);
  const text = await response.text(MAX_ANSWER_BYTES);
  exchange.upstreamEndedAt = performance.now();
  return { text, value: readJson(response, text) };
}
