import { auditRoutes } from './audit/audit-routes.ts';
import { catalogRoutes } from './catalog/catalog-routes.ts';
import { openapiRoute } from './openapi/openapi-route.ts';
import { exportRoutes } from './requests/export-routes.ts';
import { facetRoutes } from './requests/facet-routes.ts';
import { listRoutes } from './requests/list-routes.ts';
import { payloadRoute } from './requests/payload-route.ts';
import { tailRoute } from './requests/tail-route.ts';
import { type AdminRoute, API_BASE } from './route.ts';
import { usageExport } from './usage/export-route.ts';
import { usageRoutes } from './usage/usage-routes.ts';

/** Every route of the management API. */
export const ROUTES: readonly AdminRoute[] = [
  ...usageRoutes,
  usageExport,
  ...listRoutes,
  ...facetRoutes,
  ...exportRoutes,
  tailRoute,
  payloadRoute,
  ...catalogRoutes,
  ...auditRoutes,
  openapiRoute(API_BASE, () => ROUTES),
];

interface Found {
  readonly route: AdminRoute;
  readonly path: Readonly<Record<string, string>>;
}

/** The route of a method and path, or the methods that the path has; null where there is no such path. */
export function findRoute(method: string, path: string): Found | { readonly allowed: readonly string[] } | null {
  const segments = path.slice(API_BASE.length).split('/');
  // A path of words goes before one that takes any: `requests/facets` is no id.
  const matching = ROUTES.flatMap((route) => {
    const values = match(route.path.split('/'), segments);
    return values === null ? [] : [{ route, path: values }];
  }).sort((left, right) => Object.keys(left.path).length - Object.keys(right.path).length);
  if (matching.length === 0) return null;
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = matching.find(({ route }) => route.method === wanted);
  return found ?? { allowed: [...new Set(matching.map(({ route }) => route.method))] };
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const values: Array<[string, string]> = [];
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined && part !== segment) return null;
    if (name === undefined) continue;
    const value = decode(segment);
    if (value === null || value === '') return null;
    values.push([name, value]);
  }
  return Object.fromEntries(values);
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
