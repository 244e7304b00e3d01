import type { GatewayError } from '../core/errors.ts';
import { withoutCredentials } from '../core/redaction/without-credentials.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { fieldLines } from '../gateway/answer-fields.ts';
import { areNewChanges } from '../gateway/changes.ts';
import { handle, type Observer } from '../gateway/pipeline.ts';
import { asGatewayError } from '../gateway/upstream-errors.ts';
import { answerAdmin, isAdminPath, refuseAdmin } from './admin-routes.ts';
import { hostProblem, isLoopback, originProblem } from './cross-origin.ts';
import { dialectOfPath } from './dialects.ts';
import { ABOUT_THE_GATEWAY, draining } from './draining.ts';
import type { GatewayNode, InForce } from './gateway-node.ts';
import { reboundProblem } from './host-names.ts';
import type { HttpRequest } from './http/http-request.ts';
import { HttpServer } from './http/http-server.ts';
import type { RequestHead } from './http/request-head.ts';
import { IncomingRequest } from './incoming-request.ts';
import { methodNotAllowed, missingPath, wrongMethod } from './missing.ts';
import { relayCall, startRelay } from './relay-routes.ts';
import type { Invocation, Page } from './route-table.ts';

/** Bytes. */
const MAX_PAGE_BODY = 1024 * 1024;

export interface ListenOptions {
  readonly hostname: string;
  readonly port: number;
  /** Several workers listen on the same port, and the system spreads the connections over them. */
  readonly shared: boolean;
  /** At once; as many as come where it is absent. */
  readonly maxConnections?: number;
}

/** Milliseconds between two lines of the log that say the same. */
const QUIET = 10_000;

export function listen(node: GatewayNode, options: ListenOptions): HttpServer {
  const observer = observe(node);
  const listensLocally = isLoopback(options.hostname);
  return new HttpServer({
    ...options,
    onTurnedAway: turningAway(node, options.maxConnections ?? Number.POSITIVE_INFINITY),
    handle: (request) => route(node, request, observer, listensLocally),
  });
}

function turningAway({ log, metrics }: GatewayNode, most: number): () => void {
  const turnedAway = metrics.counter(
    'sluice_connections_turned_away_total',
    'Connections that found all taken that the limit of open files allows.',
  );
  let saidAt = Number.NEGATIVE_INFINITY;
  return () => {
    turnedAway.add(1);
    if (performance.now() - saidAt < QUIET) return;
    saidAt = performance.now();
    log.warning('connections are turned away; a higher limit of open files (ulimit -n) allows more', { open: most });
  };
}

function route(node: GatewayNode, request: HttpRequest, observer: Observer, listensLocally: boolean): void {
  const path = pathOf(request.head.target);
  const { method } = request.head;
  if (node.isRefusing && !ABOUT_THE_GATEWAY.has(path)) {
    request.closeAfterwards();
    return isAdminPath(path)
      ? refuseAdmin(node, request, draining())
      : refuse(node, request, draining(), dialectOfPath(path));
  }
  const { head } = request;
  const refusal = head.origin === null ? null : pageProblem(node.inForce, head, listensLocally);
  if (refusal !== null) {
    return isAdminPath(path)
      ? refuseAdmin(node, request, refusal)
      : refuse(node, request, refusal, dialectOfPath(path));
  }
  const routes = node.inForce.routes.get(path);
  if (routes === undefined) {
    return isAdminPath(path)
      ? void answerAdmin(node, request, path)
      : relay(node, request, path, observer, listensLocally);
  }
  for (const candidate of routes) {
    if (candidate.kind === 'invocation') {
      if (method === 'POST') return invoke(node, request, candidate, observer);
    } else if (method === candidate.method || (method === 'HEAD' && candidate.method === 'GET')) {
      return void answerPage(node, request, candidate);
    }
  }
  refuse(node, request, wrongMethod(routes), dialectOfPath(path));
}

/** What no table holds: calls that are passed on as they come, whose paths have ids and paths of providers in them. */
function relay(node: GatewayNode, request: HttpRequest, path: string, observer: Observer, isLocal: boolean): void {
  const call = relayCall(request.head.method, path);
  if (call === null) return refuse(node, request, missingPath(path), dialectOfPath(path));
  if ('allowed' in call) return refuse(node, request, methodNotAllowed(call.allowed), dialectOfPath(path));
  const refusal = call.kind === 'realtime' ? null : readingProblem(node.inForce, request.head, isLocal);
  if (refusal !== null) return refuse(node, request, refusal, dialectOfPath(path));
  startRelay(node, request, call, observer);
}

/** Of a page that says where it comes from. */
function pageProblem(inForce: InForce, head: RequestHead, listensLocally: boolean): GatewayError | null {
  const { isBehindProxy, hosts } = inForce;
  const problem = originProblem(head, listensLocally && !isBehindProxy);
  return problem !== null || listensLocally || isBehindProxy ? problem : reboundProblem(head, hosts);
}

/** Of a page that reads its own site, and does not say so. */
function readingProblem({ isBehindProxy, hosts }: InForce, head: RequestHead, isLocal: boolean): GatewayError | null {
  if (isBehindProxy) return null;
  return isLocal ? hostProblem(head) : reboundProblem(head, hosts);
}

/** What is at no path, or comes too late, is no call: its answer has an id, and no record. */
function refuse(node: GatewayNode, request: HttpRequest, error: GatewayError, dialect: Dialect): void {
  const id = { 'x-request-id': node.requestId() };
  const fields = fieldLines({ 'content-type': 'application/json', ...id, ...error.headers });
  request.respond(error.status, fields, dialect.error(error));
}

/** The path as sent, without query and fragment. */
function pathOf(target: string): string {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  const fragment = path.indexOf('#');
  return fragment === -1 ? path : path.slice(0, fragment);
}

/** Pages are few and small: they speak the web's own types. */
async function answerPage(node: GatewayNode, request: HttpRequest, { answer, dialect, method }: Page): Promise<void> {
  try {
    const { target } = request.head;
    const url = new URL(target, 'http://gateway.invalid');
    const body = method === 'POST' ? await request.body(MAX_PAGE_BODY) : null;
    const init = { method, headers: headersForPages(request), body: body && new Uint8Array(body) };
    const response = await answer(new Request(url.href, init), url);
    const fields = { 'x-request-id': node.requestId(), ...Object.fromEntries(response.headers) };
    request.respond(response.status, fieldLines(fields), await response.bytes());
  } catch (error) {
    refuse(node, request, asGatewayError(error), dialect);
  }
}

/** By these a page chooses the shape of its answer. */
const HEADERS_FOR_PAGES = ['accept', 'anthropic-version'];

function headersForPages({ head }: HttpRequest): Array<[string, string]> {
  return HEADERS_FOR_PAGES.flatMap((name): Array<[string, string]> => {
    const value = head.header(name);
    return value === null ? [] : [[name, value]];
  });
}

function invoke(node: GatewayNode, request: HttpRequest, invocation: Invocation, observer: Observer): void {
  const { inForce } = node;
  const incoming = new IncomingRequest(request, invocation, inForce);
  node.calls.begin();
  void handle(inForce.snapshot, incoming, observer);
}

/** What happens to a node's requests after the pipeline has them; one for all of them. */
function observe(node: GatewayNode): Observer {
  return {
    failed: (exchange, error) => {
      const { endpoint } = exchange;
      const fields = {
        id: exchange.id,
        endpoint: endpoint?.name ?? null,
        provider: endpoint?.provider ?? null,
        status: error.status,
        code: error.code,
      };
      if (error.code === 'internal')
        node.log.error('request failed inside the gateway', { ...fields, error: inside(error) });
      // What the upstream says can quote what it was asked; the ledger keeps that under the same id.
      else if (error.code === 'upstream_error')
        node.log.warning('request failed: the upstream answered with an error', fields);
      else node.log.warning(`request failed: ${withoutCredentials(error.message)}`, fields);
    },
    ended: ({ endpoint, changes }) => {
      node.calls.end();
      if (changes !== null && endpoint && areNewChanges(endpoint, changes)) {
        const { name, provider } = endpoint;
        const fields = { endpoint: name, provider, changes: withoutCredentials(changes) };
        node.log.info('the provider cannot take everything of a request', fields);
      }
    },
  };
}

function inside(error: GatewayError): string {
  const { cause } = error;
  return withoutCredentials(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
}
