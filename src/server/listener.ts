import type { Server } from 'bun';
import { GatewayError } from '../core/errors.ts';
import type { DialectName } from '../core/types.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { mlflow } from '../dialects/mlflow/index.ts';
import { openai } from '../dialects/openai/index.ts';
import { handle, type Observer } from '../gateway/pipeline.ts';
import { asGatewayError } from '../gateway/upstream-errors.ts';
import type { GatewayNode } from './gateway-node.ts';
import { IncomingRequest } from './incoming-request.ts';
import { missingPath, wrongMethod } from './missing.ts';
import { errorResponse } from './responses.ts';
import type { Invocation, Page } from './route-table.ts';

const DIALECTS: Readonly<Record<DialectName, Dialect>> = { mlflow, openai };

/** Seconds of silence after which a connection is closed; requests under way are exempt. */
const IDLE_TIMEOUT_SECONDS = 120;

export interface ListenOptions {
  readonly hostname: string;
  readonly port: number;
  /** Several workers listen on the same port, and the system spreads the connections over them. */
  readonly shared: boolean;
}

export function listen(node: GatewayNode, { hostname, port, shared }: ListenOptions): Server<undefined> {
  const observer = observe(node);
  const server = Bun.serve({
    hostname,
    port,
    reusePort: shared,
    idleTimeout: IDLE_TIMEOUT_SECONDS,
    // The limits of the configuration are checked on reading, so that the refusal has a body that says why.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    fetch: (request, self) => route(node, request, self, observer),
    error: (error) => {
      node.log.error('unhandled error in a request', { error: error.message });
      return errorResponse(new GatewayError('internal', 'Internal Server Error'), mlflow);
    },
  });
  node.active.serve(server);
  return server;
}

function route(
  node: GatewayNode,
  request: Request,
  server: Server<undefined>,
  observer: Observer,
): Response | Promise<Response> {
  const startedAt = performance.now();
  const path = pathOf(request.url);
  const routes = node.inForce.routes.get(path);
  if (routes === undefined) return errorResponse(missingPath(path), dialectOf(path));
  for (const candidate of routes) {
    if (candidate.kind === 'invocation') {
      if (request.method === 'POST') return invoke(node, request, candidate, server, observer, startedAt);
    } else if (request.method === candidate.method) {
      return page(request, candidate);
    }
  }
  return errorResponse(wrongMethod(routes), dialectOf(path));
}

/** The path as sent, without the query. With a malformed Host header Bun gives the path alone. */
function pathOf(url: string): string {
  const start = url.charCodeAt(0) === 0x2f ? 0 : url.indexOf('/', 8);
  const query = url.indexOf('?', start);
  const path = query === -1 ? url.slice(start) : url.slice(start, query);
  const fragment = path.indexOf('#');
  return fragment === -1 ? path : path.slice(0, fragment);
}

function dialectOf(path: string): Dialect {
  return path.startsWith('/v1/') ? openai : mlflow;
}

async function page(request: Request, { answer, dialect }: Page): Promise<Response> {
  try {
    return await answer(request, new URL(pathAndQuery(request.url), 'http://gateway.invalid'));
  } catch (error) {
    return errorResponse(asGatewayError(error), DIALECTS[dialect]);
  }
}

function pathAndQuery(url: string): string {
  return url.charCodeAt(0) === 0x2f ? url : url.slice(url.indexOf('/', 8));
}

function invoke(
  node: GatewayNode,
  request: Request,
  invocation: Invocation,
  server: Server<undefined>,
  observer: Observer,
  startedAt: number,
): Promise<Response> {
  const { inForce } = node;
  const incoming = new IncomingRequest(request, invocation, DIALECTS[invocation.dialect], server, inForce, startedAt);
  node.active.add(incoming);
  return handle(inForce.snapshot, incoming, observer);
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
    ended: ({ incoming }) => {
      if (incoming instanceof IncomingRequest) node.active.delete(incoming);
    },
  };
}

function inside(error: GatewayError): string {
  const { cause } = error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
