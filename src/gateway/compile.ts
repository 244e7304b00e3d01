import type { EndpointConfig, GatewayConfig, RouteConfig, UpstreamSettings } from '../config/types.ts';
import type { Secret } from '../core/secret.ts';
import type { CounterTable } from '../policies/limits/counter-table.ts';
import { Limiter } from '../policies/limits/limiter.ts';
import { providers } from '../providers/index.ts';
import { splitTraffic } from '../routing/split.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { compileSampler } from '../telemetry/sampler.ts';
import type { RelayTransport } from '../upstream/port.ts';
import { CommonMembers } from './common-members.ts';
import { compileUpstreams } from './compile-upstream.ts';
import { EndpointMetrics, NO_ENDPOINT } from './endpoint-metrics.ts';
import type { Recorder } from './exchange.ts';
import { recordMembers } from './record-text.ts';
import { compileRelay } from './relay/relay.ts';
import type { Callable, Endpoint, Snapshot, TrafficRoute } from './snapshot.ts';

/** What outlives a snapshot: connections, counters and metrics go on over a reload. */
export interface Foundation {
  readonly transport: RelayTransport;
  readonly limits: CounterTable;
  readonly metrics: Metrics;
  readonly recorder: Recorder;
  /** Those of the way to every provider, beside each provider's own. */
  readonly secrets?: readonly Secret[];
}

export function compileSnapshot(config: GatewayConfig, foundation: Foundation): Snapshot {
  const endpoints = config.endpoints.map((endpoint) => compileEndpoint(endpoint, config.upstream, foundation));
  const byName = new Map(endpoints.map((endpoint) => [endpoint.name, endpoint]));
  const callables = new Map<string, Callable>();
  for (const endpoint of endpoints) {
    callables.set(endpoint.name, {
      name: endpoint.name,
      operation: endpoint.operation,
      route: null,
      pick: () => endpoint,
    });
  }
  for (const route of config.routes) callables.set(route.name, compileRoute(route, byName));
  return {
    endpoints,
    routes: config.routes.map(listedRoute),
    callables,
    recorder: foundation.recorder,
    sampler: config.telemetry.otlp?.traces ? compileSampler(config.telemetry.otlp.sampler) : null,
    unrouted: new EndpointMetrics(foundation.metrics, NO_ENDPOINT),
    maxRequestBody: config.server.maxRequestBody,
    maxInflatedRequestBody: config.server.maxInflatedRequestBody,
    maxUpload: config.server.maxUpload,
  };
}

function compileEndpoint(config: EndpointConfig, upstream: UpstreamSettings, foundation: Foundation): Endpoint {
  const provider = providers.find(config.provider);
  if (!provider) throw new Error(`no provider '${config.provider}'`);
  const { name, operation, limit, strict } = config;
  const deployment = provider.deploy(config.model);
  return {
    name,
    operation,
    endpointType: config.endpointType,
    provider: provider.name,
    displayName: provider.displayName,
    model: config.model.name,
    limit,
    limiter:
      limit &&
      new Limiter(
        { endpoint: name, calls: limit.calls, windowSeconds: limit.seconds, display: limit.display, key: limit.key },
        foundation.limits,
      ),
    strict,
    relay: deployment.relay ? compileRelay(deployment.relay, upstream, foundation.transport) : null,
    noRelay: deployment.noRelay ?? null,
    upstreams: compileUpstreams(deployment, operation, upstream, foundation.transport),
    context: { operation, provider: provider.name, model: config.model.name },
    secrets: [...deployment.secrets, ...(foundation.secrets ?? [])],
    metrics: new EndpointMetrics(foundation.metrics, {
      endpoint: name,
      provider: provider.name,
      model: config.model.name ?? '',
    }),
    loggedChanges: new Set(),
    logging: config.logging,
    members: new CommonMembers(recordMembers({ endpoint: name, provider: provider.name, model: config.model.name })),
  };
}

function compileRoute(route: RouteConfig, endpoints: ReadonlyMap<string, Endpoint>): Callable {
  const destinations = route.destinations.flatMap(({ name, trafficPercentage }) => {
    const value = endpoints.get(name);
    return value ? [{ value, percentage: trafficPercentage }] : [];
  });
  const choose = splitTraffic(destinations);
  return { name: route.name, operation: route.operation, route: route.name, pick: () => choose(Math.random) };
}

function listedRoute(route: RouteConfig): TrafficRoute {
  return {
    name: route.name,
    taskType: route.taskType,
    destinations: route.destinations.map(({ name, trafficPercentage }) => ({
      name,
      traffic_percentage: trafficPercentage,
    })),
    routingStrategy: route.routingStrategy,
  };
}
