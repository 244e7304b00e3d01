import type { GatewayError } from '../core/errors.ts';
import type { Dialect } from '../dialects/dialect.ts';

export function jsonResponse(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

export function errorResponse(error: GatewayError, dialect: Dialect): Response {
  return new Response(dialect.error(error), {
    status: error.status,
    headers: { 'content-type': 'application/json', ...error.headers },
  });
}
