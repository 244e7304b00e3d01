import type { Observer } from '../gateway/pipeline.ts';
import { handleRelay } from '../gateway/relay/relay-pipeline.ts';
import { RAW_PREFIX, REALTIME_PATH, RELAY_ROUTES, type RelayCall, type RelayRoute } from '../gateway/relay/routes.ts';
import type { GatewayNode } from './gateway-node.ts';
import type { HttpRequest } from './http/http-request.ts';
import { RelayRequest } from './relay-request.ts';

/** The routes by how many segments their paths have and what the first two are: few are left to compare. */
const BY_SHAPE = new Map<string, RelayRoute[]>();
for (const route of RELAY_ROUTES) {
  const key = shapeOf(route.path.split('/'));
  BY_SHAPE.set(key, [...(BY_SHAPE.get(key) ?? []), route]);
}

function shapeOf(segments: readonly string[]): string {
  return `${segments.length} ${segments[1]}/${segments[2]}`;
}

/** What a path asks to be passed on: the call, the methods that it takes instead, or null where it is no such path. */
export function relayCall(method: string, path: string): RelayCall | { readonly allowed: readonly string[] } | null {
  if (path.startsWith(RAW_PREFIX)) return rawCall(path.slice(RAW_PREFIX.length));
  if (path === REALTIME_PATH) return method === 'GET' ? { kind: 'realtime' } : { allowed: ['GET'] };
  const segments = path.split('/');
  const routes = (BY_SHAPE.get(shapeOf(segments)) ?? []).filter((route) => matches(route.path.split('/'), segments));
  const route = routes.find((candidate) => candidate.method === method);
  if (route === undefined) return routes.length === 0 ? null : { allowed: routes.map((candidate) => candidate.method) };
  const { family, named, target, headerPolicy } = route;
  const given = segments.filter((_, index) => route.path.split('/')[index] === '*');
  return { kind: 'family', family, named, headerPolicy, path: target.replace('*', () => given[0] ?? '') };
}

/** Of `{endpoint}/{path}`; the endpoint's name is one segment. */
function rawCall(rest: string): RelayCall | null {
  const slash = rest.indexOf('/');
  if (slash < 1) return null;
  try {
    return { kind: 'raw', endpoint: decodeURIComponent(rest.slice(0, slash)), path: rest.slice(slash + 1) };
  } catch {
    return null;
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return pattern.every((segment, index) => segment === segments[index] || (segment === '*' && segments[index] !== ''));
}

export function startRelay(node: GatewayNode, request: HttpRequest, call: RelayCall, observer: Observer): void {
  const { inForce } = node;
  node.calls.begin();
  void handleRelay(inForce.snapshot, new RelayRequest(request, call, inForce), observer);
}
