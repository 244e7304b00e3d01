import { GatewayError } from '../core/errors.ts';
import type { CheckedRequest } from '../dialects/dialect.ts';
import type { Attempt } from '../upstream/port.ts';
import type { Exchange } from './exchange.ts';
import { patch } from './patch.ts';
import { send } from './send.ts';
import type { Endpoint, Outlet, PassThrough, Upstream } from './snapshot.ts';
import { translate } from './translate.ts';
import { UncertainAttempt } from './uncertain-attempt.ts';

/** Sends the request upstream, in the upstream's format. */
export function dispatch(exchange: Exchange, endpoint: Endpoint, request: CheckedRequest, upstream: Upstream): Attempt {
  if (upstream.kind === 'missing') throw new GatewayError('not_implemented', 'This endpoint has no upstream.');
  const attempt =
    upstream.kind === 'pass'
      ? pass(exchange, endpoint, upstream, request)
      : translate(exchange, endpoint, upstream, request);
  exchange.attempt = attempt;
  exchange.incoming.onClientGone = () => exchange.abandon();
  return attempt;
}

function pass(exchange: Exchange, endpoint: Endpoint, upstream: PassThrough, request: CheckedRequest): Attempt {
  const { substitute } = upstream;
  if (substitute === null) return passOn(exchange, endpoint, upstream, request);
  const instead = () => translate(exchange, endpoint, substitute.upstream, request);
  if (substitute.nativeApi === 'missing' || !substitute.nativeServes(request.body)) return instead();
  const attempt = passOn(exchange, endpoint, upstream, request);
  if (substitute.nativeApi === 'there') return attempt;
  return new UncertainAttempt(attempt, substitute, {
    probe: () => upstream.whole.request.send('{}'),
    instead: () => {
      exchange.changes = null;
      return instead();
    },
  });
}

function passOn(exchange: Exchange, endpoint: Endpoint, upstream: PassThrough, request: CheckedRequest): Attempt {
  exchange.upstream = upstream;
  const body = patch(exchange, endpoint, upstream, request);
  return send(exchange, upstream, outletFor(exchange, upstream), body);
}

function outletFor({ isStream, incoming }: Exchange, { whole, streamed, batch }: PassThrough): Outlet {
  if (isStream) return streamed;
  return incoming.path.batch === true ? batch : whole;
}
