import { GatewayError } from '../core/errors.ts';
import { unknownEndpoint } from '../gateway/admit.ts';
import { LIMIT_PATHS } from './listings.ts';
import type { Route } from './route-table.ts';

/** Where an unknown name after a known prefix deserves a better text than `Not Found`. */
const NAMED: ReadonlyArray<readonly [prefix: string, kind: string]> = [
  ['/api/2.0/endpoints/', 'endpoint'],
  ['/api/3.0/gateway/endpoint/', 'endpoint'],
  ['/api/2.0/gateway/routes/', 'route'],
  ['/api/3.0/gateway/route/', 'route'],
];

/** The 404 of a path that the table does not have. */
export function missingPath(path: string): GatewayError {
  if (LIMIT_PATHS.some((prefix) => path.startsWith(prefix) && path.length > prefix.length)) {
    return new GatewayError('not_implemented', 'The get_limits API is not available yet.');
  }
  for (const [prefix, kind] of NAMED) {
    const name = path.slice(prefix.length);
    if (!path.startsWith(prefix) || name === '' || name.includes('/')) continue;
    const shown = decodeName(name);
    return new GatewayError(
      'not_found',
      `The ${kind} '${shown}' is not present or active on the server. Please verify the ${kind} name.`,
    );
  }
  const gemini = GEMINI_PATH.exec(path);
  if (gemini) {
    const [, name = '', method = ''] = gemini;
    const text = `models/${decodeName(name)} is not found, or is not supported for ${method}. GET /v1beta/models lists the endpoints.`;
    return new GatewayError('not_found', text);
  }
  const tracking = TRACKING_PATH.exec(path);
  if (tracking) {
    const name = decodeName(tracking[1] ?? '');
    return new GatewayError('not_found', `The endpoint '${name}' does not exist.`, { detail: unknownEndpoint(name) });
  }
  if (path.startsWith('/v1/models/')) {
    return new GatewayError(
      'not_found',
      `The model '${decodeName(path.slice('/v1/models/'.length))}' does not exist.`,
      {
        parameter: 'model',
      },
    );
  }
  return new GatewayError('not_found', 'Not Found');
}

const GEMINI_PATH = /^(?:\/gemini|\/gateway\/gemini)?\/v1(?:beta)?\/models\/([^?]+):(\w+)$/;
const TRACKING_PATH = /^\/gateway\/([^?]+)\/mlflow\/invocations$/;

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export function wrongMethod(routes: readonly Route[]): GatewayError {
  return methodNotAllowed(routes.map((route) => (route.kind === 'invocation' ? 'POST' : route.method)));
}

export function methodNotAllowed(allowed: readonly string[]): GatewayError {
  return new GatewayError('method_not_allowed', 'Method Not Allowed', { headers: { allow: allowed.join(', ') } });
}
