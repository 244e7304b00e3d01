import type { GatewayError } from '../core/errors.ts';
import type { DialectName } from '../core/types.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { mlflow } from '../dialects/mlflow/index.ts';
import { openai } from '../dialects/openai/index.ts';
import { fieldLines } from '../gateway/answer-fields.ts';
import { areNewChanges } from '../gateway/changes.ts';
import { handle, type Observer } from '../gateway/pipeline.ts';
import { asGatewayError } from '../gateway/upstream-errors.ts';
import { isLoopback, originProblem } from './cross-origin.ts';
import { ABOUT_THE_GATEWAY, draining } from './draining.ts';
import type { GatewayNode } from './gateway-node.ts';
import type { HttpRequest } from './http/http-request.ts';
import { HttpServer } from './http/http-server.ts';
import { IncomingRequest, isJsonType } from './incoming-request.ts';
import { missingPath, wrongMethod } from './missing.ts';
import type { Invocation, Page } from './route-table.ts';

/** Bytes. */
const MAX_PAGE_BODY = 1024 * 1024;

const DIALECTS: Readonly<Record<DialectName, Dialect>> = { mlflow, openai };

export interface ListenOptions {
  readonly hostname: string;
  readonly port: number;
  /** Several workers listen on the same port, and the system spreads the connections over them. */
  readonly shared: boolean;
}

export function listen(node: GatewayNode, options: ListenOptions): HttpServer {
  const observer = observe(node);
  const listensLocally = isLoopback(options.hostname);
  return new HttpServer({ ...options, handle: (request) => route(node, request, observer, listensLocally) });
}

function route(node: GatewayNode, request: HttpRequest, observer: Observer, listensLocally: boolean): void {
  const path = pathOf(request.head.target);
  const { method } = request.head;
  if (node.isRefusing && !ABOUT_THE_GATEWAY.has(path)) {
    request.closeAfterwards();
    return refuse(request, draining(), dialectOf(path));
  }
  const routes = node.inForce.routes.get(path);
  if (routes === undefined) return refuse(request, missingPath(path), dialectOf(path));
  for (const candidate of routes) {
    if (candidate.kind === 'invocation') {
      if (method !== 'POST') continue;
      const { origin } = request.head;
      const refusal =
        origin === null ? null : originProblem(origin, isJsonType(request.head.header('content-type')), listensLocally);
      return refusal ? refuse(request, refusal, dialectOf(path)) : invoke(node, request, candidate, observer);
    } else if (method === candidate.method || (method === 'HEAD' && candidate.method === 'GET')) {
      return void answerPage(request, candidate);
    }
  }
  refuse(request, wrongMethod(routes), dialectOf(path));
}

function refuse(request: HttpRequest, error: GatewayError, dialect: Dialect): void {
  const fields = fieldLines({ 'content-type': 'application/json', ...error.headers });
  request.respond(error.status, fields, dialect.error(error));
}

/** The path as sent, without query and fragment. */
function pathOf(target: string): string {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  const fragment = path.indexOf('#');
  return fragment === -1 ? path : path.slice(0, fragment);
}

function dialectOf(path: string): Dialect {
  return path.startsWith('/v1/') ? openai : mlflow;
}

/** Pages are few and small: they speak the web's own types. */
async function answerPage(request: HttpRequest, { answer, dialect, method }: Page): Promise<void> {
  try {
    const { target } = request.head;
    const url = new URL(target, 'http://gateway.invalid');
    const body = method === 'POST' ? await request.body(MAX_PAGE_BODY) : null;
    const response = await answer(new Request(url.href, { method, body: body && new Uint8Array(body) }), url);
    request.respond(response.status, fieldLines(Object.fromEntries(response.headers)), await response.bytes());
  } catch (error) {
    refuse(request, asGatewayError(error), DIALECTS[dialect]);
  }
}

function invoke(node: GatewayNode, request: HttpRequest, invocation: Invocation, observer: Observer): void {
  const { inForce } = node;
  const incoming = new IncomingRequest(request, invocation, DIALECTS[invocation.dialect], inForce);
  node.calls.begin();
  void handle(inForce.snapshot, incoming, observer);
}

/** What happens to a node's requests after the pipeline has them; one for all of them. */
function observe(node: GatewayNode): Observer {
  return {
    failed: (exchange, error) => {
      const { endpoint } = exchange;
      const fields = {
        endpoint: endpoint?.name ?? null,
        provider: endpoint?.provider ?? null,
        status: error.status,
        code: error.code,
      };
      if (error.code === 'internal')
        node.log.error('request failed inside the gateway', { ...fields, error: inside(error) });
      else node.log.warning(`request failed: ${error.message}`, fields);
    },
    ended: ({ endpoint, changes }) => {
      node.calls.end();
      if (changes !== null && endpoint && areNewChanges(endpoint, changes)) {
        const { name, provider } = endpoint;
        node.log.info('the provider cannot take everything of a request', { endpoint: name, provider, changes });
      }
    },
  };
}

function inside(error: GatewayError): string {
  const { cause } = error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
