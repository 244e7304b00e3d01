import { isAdminPath } from '../admin/admin-api.ts';
import { ApiError } from '../admin/api-error.ts';
import type { AdminAnswer, AdminRequest } from '../admin/route.ts';
import { GatewayError } from '../core/errors.ts';
import { fieldLines } from '../gateway/answer-fields.ts';
import { readBody } from './body.ts';
import type { GatewayNode } from './gateway-node.ts';
import type { HttpRequest } from './http/http-request.ts';

export { isAdminPath };

/** Bytes. */
const MAX_BODY = { maxRequestBody: 65_536, maxInflatedRequestBody: 65_536 };

/** Answers a call of the management API. */
export async function answerAdmin(node: GatewayNode, request: HttpRequest, path: string): Promise<void> {
  const caller = new AbortController();
  const stop = () => caller.abort();
  request.onGone = stop;
  node.stopping.addEventListener('abort', stop);
  try {
    const answer = await node.admin.answer(adminRequest(node, request, path, caller.signal));
    await send(request, answer, caller.signal);
  } catch (error) {
    // What has begun cannot be told to have failed but by its end.
    node.log.warning('an answer of the management API was cut off', { path, error: String(error) });
    request.cut();
  } finally {
    node.stopping.removeEventListener('abort', stop);
  }
}

/** What is refused before a call of the management API gets there. */
export function refuseAdmin(node: GatewayNode, request: HttpRequest, error: { code: string; message: string }): void {
  const code = error.code === 'draining' ? 'draining' : 'forbidden';
  const headers = code === 'draining' ? { headers: { 'retry-after': '1' } } : {};
  const { status, headers: fields, body } = node.admin.refusal(new ApiError(code, error.message, headers));
  request.respond(status, fieldLines(fields), String(body));
}

function adminRequest(node: GatewayNode, request: HttpRequest, path: string, signal: AbortSignal): AdminRequest {
  const { head, remoteAddress } = request;
  const { target, method } = head;
  const start = target.indexOf('?');
  return {
    method,
    path,
    query: start === -1 ? '' : target.slice(start + 1).replace(/#.*$/s, ''),
    peer: remoteAddress,
    address: node.inForce.proxies.clientAddress(remoteAddress, () => head.header('x-forwarded-for')),
    header: (name) => head.header(name),
    body: () => bodyOf(request),
    signal,
  };
}

async function bodyOf(request: HttpRequest): Promise<string> {
  try {
    return await readBody(request, MAX_BODY);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new ApiError(error.code === 'body_too_large' ? 'body_too_large' : 'invalid_body', error.message);
  }
}

async function send(request: HttpRequest, answer: AdminAnswer, signal: AbortSignal): Promise<void> {
  const fields = fieldLines(answer.headers);
  const { status, body } = answer;
  if (typeof body === 'string') {
    if (request.head.method === 'HEAD' || status === 304) request.respondWithoutBody(status, fields);
    else request.respond(status, fields, body);
    return;
  }
  request.startStream(status, fields);
  for await (const text of body) {
    if (signal.aborted) break;
    if (text !== '' && !request.writeBytes(Buffer.from(text))) await drained(request, signal);
    // Of everything else that this thread does, some comes between two pieces.
    await new Promise((resolve) => setImmediate(resolve));
  }
  // A file that ends in good order is whole; one that was broken off must not look like it.
  if (signal.aborted && !isEventStream(answer)) request.cut();
  else request.end('');
}

function isEventStream({ headers }: AdminAnswer): boolean {
  return headers['content-type']?.startsWith('text/event-stream') ?? false;
}

/** Resolves when the client takes more, or has gone: one that takes nothing is cut off by its connection. */
function drained(request: HttpRequest, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      request.onDrain = null;
      signal.removeEventListener('abort', done);
      resolve();
    };
    if (signal.aborted) return done();
    request.onDrain = done;
    signal.addEventListener('abort', done);
  });
}
