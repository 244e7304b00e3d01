import type { Attempt, RequestHeaders } from '../upstream/port.ts';
import { DeferredAttempt } from './deferred-attempt.ts';
import type { Exchange } from './exchange.ts';
import type { Outlet, PassThrough, Translation } from './snapshot.ts';

/** Sends a body as the upstream wants it signed. Only an upstream with an authorizer costs a promise of its own. */
export function send(exchange: Exchange, upstream: PassThrough | Translation, outlet: Outlet, body: string): Attempt {
  const { authorize, preparationTimeout } = upstream;
  if (authorize === undefined) {
    exchange.upstreamStartedAt = performance.now();
    return outlet.request.send(body);
  }
  const headers = authorize({
    destination: outlet.destination,
    body,
    clientHeader: (name) => exchange.incoming.caller.header(name),
  });
  if (!(headers instanceof Promise)) return sendWith(exchange, outlet, body, headers);
  return new DeferredAttempt(async () => {
    const fetched = await headers;
    return () => sendWith(exchange, outlet, body, fetched);
  }, preparationTimeout);
}

function sendWith(exchange: Exchange, outlet: Outlet, body: string, headers: RequestHeaders): Attempt {
  exchange.addedHeaders = headers;
  exchange.upstreamStartedAt = performance.now();
  return outlet.request.send(body, headers);
}
