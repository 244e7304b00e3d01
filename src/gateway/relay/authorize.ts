import { GatewayError } from '../../core/errors.ts';
import type { BodyStream } from '../../upstream/port.ts';
import type { Exchange } from '../exchange.ts';
import type { OutgoingRelay } from './prepare.ts';

/**
 * Adds the headers of a credential that is no fixed one: a token that is fetched, or a signature, for which the body is
 * read whole up to `limit` bytes.
 */
export async function authorizeRelay(
  exchange: Exchange,
  outgoing: OutgoingRelay,
  limit: number,
): Promise<OutgoingRelay> {
  const { relay, destination, credential } = outgoing;
  const { authorize, signsBody = false } = relay.target;
  exchange.addedHeaders = credential;
  if (authorize === undefined || credential.length > 0) return outgoing;
  const body = signsBody ? await wholeBody(outgoing.body, limit) : outgoing.body;
  const headers = await authorize({
    destination,
    body: body instanceof Uint8Array || typeof body === 'string' ? body : '',
    clientHeader: (name) => exchange.incoming.caller.header(name),
  });
  exchange.addedHeaders = headers;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const others = destination.headers.filter(([name]) => !names.has(name.toLowerCase()));
  return { ...outgoing, body, destination: { ...destination, headers: [...others, ...headers] } };
}

async function wholeBody(body: OutgoingRelay['body'], limit: number): Promise<string | Uint8Array | null> {
  if (body === null) return null;
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const size = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    if (size > limit) throw tooLarge(limit);
    return body;
  }
  return readWhole(body, limit);
}

async function readWhole(body: BodyStream, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = body.length ?? 0;
  if (size > limit) throw tooLarge(limit);
  size = 0;
  for (let piece = await body.read(); piece !== null; piece = await body.read()) {
    size += piece.length;
    if (size > limit) throw tooLarge(limit);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function tooLarge(limit: number): GatewayError {
  const message = `A request to this provider is signed, and its body may then not be larger than ${limit} bytes.`;
  return new GatewayError('body_too_large', message);
}
