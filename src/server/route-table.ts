import type { Operation } from '../core/types.ts';
import type { Dialect, RequestPath } from '../dialects/dialect.ts';
import type { HeaderPolicy } from '../gateway/exchange.ts';
import type { Callable, Snapshot } from '../gateway/snapshot.ts';
import { mlflowListings } from './listings.ts';
import { mlflowInvocations } from './mlflow-routes.ts';
import { modelListings } from './model-listings.ts';
import { modelInvocations } from './model-routes.ts';

/** A path that calls a model. */
export interface Invocation {
  readonly kind: 'invocation';
  readonly dialect: Dialect;
  readonly operation: Operation;
  readonly path: RequestPath;
  /** In place of `path` where the query says `alt=sse`. */
  readonly withEvents?: RequestPath;
  /** Null where the body's `model` names it. */
  readonly callable: Callable | null;
  readonly headerPolicy: HeaderPolicy;
}

/** A path that is answered from the snapshot or the node itself. */
export interface Page {
  readonly kind: 'page';
  readonly method: 'GET' | 'POST';
  readonly dialect: Dialect;
  answer(request: Request, url: URL): Response | Promise<Response>;
}

export type Route = Invocation | Page;

export type PageEntry = readonly [path: string, page: Page];

/** The path as clients should write it, and as some do. */
export type InvocationEntry = readonly [path: string, invocation: Invocation, alsoAs?: string];

/** Every path of one snapshot. A request is matched by its whole path, so nothing is reached by a near miss. */
export type RouteTable = ReadonlyMap<string, readonly Route[]>;

/** `common` are the node's own pages: health, metrics, documentation. */
export function compileRoutes(snapshot: Snapshot, common: readonly PageEntry[]): RouteTable {
  const table = new Map<string, Route[]>();
  const add = (path: string, route: Route) => {
    const routes = table.get(path);
    if (routes) routes.push(route);
    else table.set(path, [route]);
  };
  for (const [path, page] of [...common, ...mlflowListings(snapshot), ...modelListings(snapshot)]) add(path, page);
  const invocations = [...modelInvocations(snapshot), ...mlflowInvocations(snapshot)];
  for (const [path, invocation] of invocations) add(path, invocation);
  // What a client wrote without encoding it must not stand in for a path that is somebody's own.
  for (const [path, invocation, alsoAs = path] of invocations) if (!table.has(alsoAs)) add(alsoAs, invocation);
  return table;
}
