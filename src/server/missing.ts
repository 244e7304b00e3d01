import { GatewayError } from '../core/errors.ts';
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

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export function wrongMethod(routes: readonly Route[]): GatewayError {
  const allowed = routes.map((route) => (route.kind === 'invocation' ? 'POST' : route.method));
  return new GatewayError('method_not_allowed', 'Method Not Allowed', { headers: { allow: allowed.join(', ') } });
}
