import type { DialectName, Operation } from '../core/types.ts';
import type { Callable, Snapshot } from '../gateway/snapshot.ts';
import { mlflowListings } from './listings.ts';

/** A path that calls a model. */
export interface Invocation {
  readonly kind: 'invocation';
  readonly dialect: DialectName;
  readonly operation: Operation;
  /** Null where the body's `model` names it. */
  readonly callable: Callable | null;
}

/** A path that is answered from the snapshot or the node itself. */
export interface Page {
  readonly kind: 'page';
  readonly method: 'GET' | 'POST';
  readonly dialect: DialectName;
  answer(request: Request, url: URL): Response | Promise<Response>;
}

export type Route = Invocation | Page;

/** Every path of one snapshot. A request is matched by its whole path, so nothing is reached by a near miss. */
export type RouteTable = ReadonlyMap<string, readonly Route[]>;

const OPENAI_PATHS: ReadonlyArray<readonly [string, Operation]> = [
  ['/v1/chat/completions', 'chat'],
  ['/v1/completions', 'completions'],
  ['/v1/embeddings', 'embeddings'],
];

/** `common` are the node's own pages: health, metrics, documentation. */
export function compileRoutes(snapshot: Snapshot, common: ReadonlyArray<readonly [string, Page]>): RouteTable {
  const table = new Map<string, Route[]>();
  const add = (path: string, route: Route) => {
    const routes = table.get(path);
    if (routes) routes.push(route);
    else table.set(path, [route]);
  };
  for (const [path, page] of [...common, ...mlflowListings(snapshot)]) add(path, page);
  for (const [path, operation] of OPENAI_PATHS)
    add(path, { kind: 'invocation', dialect: 'openai', operation, callable: null });
  for (const callable of snapshot.callables.values()) {
    const name = encodeURIComponent(callable.name);
    const invocation: Invocation = { kind: 'invocation', dialect: 'mlflow', operation: callable.operation, callable };
    add(`/gateway/${name}/invocations`, invocation);
    add(`/endpoints/${name}/invocations`, invocation);
  }
  return table;
}
