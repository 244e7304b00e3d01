import { GatewayError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/types.ts';
import { mlflow } from '../dialects/mlflow/index.ts';
import type { Endpoint, Snapshot } from '../gateway/snapshot.ts';
import { jsonResponse } from './responses.ts';
import type { Page, PageEntry } from './route-table.ts';

/** As MLflow's server pages. */
const PAGE_SIZE = 3000;

/** The listings of MLflow's API 2.0 and 3.0. */
export function mlflowListings(snapshot: Snapshot): PageEntry[] {
  return [
    ...listing('/api/2.0/endpoints/', 'endpoints', snapshot.endpoints.map(describeEndpoint)),
    ...listing('/api/2.0/gateway/routes/', 'routes', snapshot.endpoints.map(describeLegacyRoute)),
    ...snapshot.endpoints.flatMap(endpointPages),
    ...snapshot.routes.map((route): PageEntry => {
      const { name, taskType, destinations, routingStrategy } = route;
      const body = { name, task_type: taskType, destinations, routing_strategy: routingStrategy };
      return [`/api/3.0/gateway/route/${encodeURIComponent(name)}`, get(() => jsonResponse(body))];
    }),
    ...LIMIT_PATHS.map((path): PageEntry => [path, SET_LIMITS]),
  ];
}

function get(answer: Page['answer']): Page {
  return { kind: 'page', method: 'GET', dialect: mlflow, answer };
}

function describeEndpoint({ name, endpointType, model, provider, limit }: Endpoint): JsonObject {
  return {
    name,
    endpoint_type: endpointType,
    model: { name: model, provider },
    endpoint_url: `/gateway/${name}/invocations`,
    limit: limit && { calls: limit.calls, key: limit.key, renewal_period: limit.renewalPeriod },
  };
}

/** The shape of MLflow before 2.9, which old clients read. */
function describeLegacyRoute(endpoint: Endpoint): JsonObject {
  const { endpoint_type, endpoint_url, ...rest } = describeEndpoint(endpoint);
  return { ...rest, route_type: endpoint_type, route_url: endpoint_url };
}

function listing(path: string, field: string, items: readonly JsonObject[]): PageEntry[] {
  return [
    [
      path,
      get((_request, url) => {
        const start = pageStart(url.searchParams.get('page_token'));
        const end = start + PAGE_SIZE;
        const next = end < items.length ? btoa(JSON.stringify({ index: end })) : null;
        return jsonResponse({ [field]: items.slice(start, end), next_page_token: next });
      }),
    ],
    [path.slice(0, -1), get((_request, url) => Response.redirect(`${path}${url.search}`, 307))],
  ];
}

function pageStart(token: string | null): number {
  if (token === null || token === '') return 0;
  try {
    const value: unknown = JSON.parse(atob(token));
    if (isJsonObject(value) && Number.isInteger(value.index) && Number(value.index) >= 0) return Number(value.index);
  } catch {
    // Falls through to the error: any malformed token is the same mistake.
  }
  throw new GatewayError(
    'invalid_request',
    'The page token is not valid. Use the next_page_token of the page before.',
    {
      parameter: 'page_token',
    },
  );
}

function endpointPages(endpoint: Endpoint): PageEntry[] {
  const description = describeEndpoint(endpoint);
  const legacy = describeLegacyRoute(endpoint);
  return [
    [`/api/2.0/endpoints/${endpoint.name}`, get(() => jsonResponse(description))],
    [`/api/2.0/gateway/routes/${endpoint.name}`, get(() => jsonResponse(legacy))],
    [`/api/3.0/gateway/endpoint/${endpoint.name}`, get(() => jsonResponse(description))],
  ];
}

/** MLflow declares these and has not built them. Limits are set in the configuration file. */
export const LIMIT_PATHS = ['/api/2.0/endpoints/limits/', '/api/2.0/gateway/limits/'];

const SET_LIMITS: Page = { kind: 'page', method: 'POST', dialect: mlflow, answer: refuseSettingLimits };

async function refuseSettingLimits(request: Request): Promise<Response> {
  const body: unknown = await request.json().catch(() => null);
  const missing = (field: string) => ({ type: 'missing', loc: ['body', field], msg: 'Field required', input: body });
  const detail = ['route', 'limits'].filter((field) => !isJsonObject(body) || body[field] === undefined).map(missing);
  if (detail.length > 0) throw new GatewayError('invalid_body', "The body needs 'route' and 'limits'.", { detail });
  throw new GatewayError('not_implemented', 'The set_limits API is not available yet.');
}
