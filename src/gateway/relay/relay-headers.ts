import type { Destination } from '../../upstream/port.ts';
import { CREDENTIALS, isForTheGateway, SENDABLE } from '../client-headers.ts';
import type { Incoming } from '../exchange.ts';

/** What a provider of OpenAI's API understands of a client's headers. */
const KNOWN = ['accept', 'idempotency-key', 'openai-beta', 'range'] as const;

/** Of the body, where it goes on as it was sent. */
const OF_THE_BODY = ['content-type', 'content-encoding'] as const;

/** Of the headers that the provider sets, its own count. */
export function knownHeaders(incoming: Incoming, own: Destination['headers'], isJson: boolean): Destination['headers'] {
  const names: readonly string[] = isJson ? KNOWN : [...KNOWN, ...OF_THE_BODY];
  const taken = namesOf(own);
  const headers: Array<readonly [string, string]> = isJson ? [['content-type', 'application/json']] : [];
  for (const name of names) {
    const value = incoming.caller.header(name);
    if (value !== null && SENDABLE.test(value) && !taken.has(name)) headers.push([name, value]);
  }
  return [...own, ...headers];
}

/** Everything that is not meant for the gateway; credentials of the client never. */
export function allHeaders(incoming: Incoming, own: Destination['headers']): Destination['headers'] {
  const taken = namesOf(own);
  for (const name of (incoming.caller.header('connection') ?? '').split(',')) taken.add(name.trim().toLowerCase());
  const headers: Array<readonly [string, string]> = [];
  for (const [name, value] of incoming.headerFields()) {
    const isOfBody = OF_THE_BODY.some((known) => known === name);
    if (taken.has(name) || CREDENTIALS.has(name) || (!isOfBody && isForTheGateway(name))) continue;
    if (SENDABLE.test(value)) headers.push([name, value]);
  }
  return [...own, ...headers];
}

function namesOf(headers: Destination['headers']): Set<string> {
  return new Set(headers.map(([name]) => name.toLowerCase()));
}
