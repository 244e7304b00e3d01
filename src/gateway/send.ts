import { Secret } from '../core/secret.ts';
import type { Attempt } from '../upstream/port.ts';
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
  return new DeferredAttempt(async () => {
    const headers = await authorize({
      destination: outlet.destination,
      body,
      clientHeader: (name) => exchange.incoming.caller.header(name),
    });
    exchange.credentials = credentialsIn(headers);
    return () => {
      exchange.upstreamStartedAt = performance.now();
      return outlet.request.send(body, headers);
    };
  }, preparationTimeout);
}

const CREDENTIAL_HEADER = /authorization|token|key/i;

/** What an upstream might quote in an error: the value of each such header, and that without its scheme. */
function credentialsIn(headers: ReadonlyArray<readonly [name: string, value: string]>): Secret[] {
  return headers
    .filter(([name]) => CREDENTIAL_HEADER.test(name))
    .map(([, value]) => new Secret(value.slice(value.indexOf(' ') + 1)));
}
