import type { Attempt, RequestHeaders } from '../upstream/port.ts';
import { type ClientHeaders, clientHeaders, SENDABLE } from './client-headers.ts';
import { DeferredAttempt } from './deferred-attempt.ts';
import type { Exchange, Incoming } from './exchange.ts';
import type { Outlet, PassThrough, Translation } from './snapshot.ts';
import { type Trace, traceparentOf } from './trace.ts';

/** Sends a body as the upstream wants it signed. Only an upstream with an authorizer costs a promise of its own. */
export function send(exchange: Exchange, upstream: PassThrough | Translation, outlet: Outlet, body: string): Attempt {
  const { authorize, preparationTimeout } = upstream;
  const own = upstream.kind === 'pass' ? clientHeaders(exchange.incoming, upstream, outlet) : NO_HEADERS;
  const given = exchange.trace === null ? own : traced(own, exchange.trace, exchange.incoming);
  if (given.hasCredential) return sendAsClient(exchange, outlet, body, given);
  if (authorize === undefined) {
    exchange.upstreamStartedAt = performance.now();
    return given.headers.length === 0 ? outlet.request.send(body) : outlet.request.send(body, given.headers);
  }
  const headers = authorize({
    destination: outlet.destination,
    body,
    clientHeader: (name) => exchange.incoming.caller.header(name),
  });
  if (!(headers instanceof Promise)) return sendWith(exchange, outlet, body, withOwnFirst(headers, given.headers));
  return new DeferredAttempt(async () => {
    const fetched = await headers;
    return () => sendWith(exchange, outlet, body, withOwnFirst(fetched, given.headers));
  }, preparationTimeout);
}

const NO_HEADERS: ClientHeaders = { headers: [], hasCredential: false };

/** The trace goes on, with the gateway's span as the parent of what the upstream does. */
function traced(given: ClientHeaders, trace: Trace, { caller }: Incoming): ClientHeaders {
  const state = trace.parentSpanId === null ? null : caller.header('tracestate');
  const headers = given.headers.filter(([name]) => name !== 'traceparent' && name !== 'tracestate');
  const added: Array<readonly [string, string]> = [['traceparent', traceparentOf(trace)]];
  if (state !== null && SENDABLE.test(state)) added.push(['tracestate', state]);
  return { ...given, headers: [...headers, ...added] };
}

/** With the client's own credential in place of the configured one, whatever that is. */
function sendAsClient(exchange: Exchange, outlet: Outlet, body: string, { headers }: ClientHeaders): Attempt {
  exchange.addedHeaders = headers;
  exchange.upstreamStartedAt = performance.now();
  return outlet.withoutCredentials.send(body, headers);
}

/** Of headers that the authorizer sets, its own count. */
function withOwnFirst(own: RequestHeaders, given: RequestHeaders): RequestHeaders {
  if (given.length === 0) return own;
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  return [...given.filter(([name]) => !names.has(name)), ...own];
}

function sendWith(exchange: Exchange, outlet: Outlet, body: string, headers: RequestHeaders): Attempt {
  exchange.addedHeaders = headers;
  exchange.upstreamStartedAt = performance.now();
  return outlet.request.send(body, headers);
}
