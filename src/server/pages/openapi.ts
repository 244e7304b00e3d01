import type { JsonObject, Operation } from '../../core/types.ts';
import type { Endpoint, Snapshot } from '../../gateway/snapshot.ts';
import { answerSchemas } from './openapi/answer-schemas.ts';
import { fixedPaths } from './openapi/fixed-paths.ts';
import { listingSchemas } from './openapi/listing-schemas.ts';
import { components, EXAMPLES, invocation } from './openapi/operations.ts';
import { requestSchemas } from './openapi/request-schemas.ts';
import { trackingPath, VENDOR_TAGS, vendorPaths } from './openapi/vendor-paths.ts';

const TAGS = [
  { name: 'Endpoints', description: 'Each endpoint and traffic route by its own path, in MLflow’s shapes.' },
  { name: 'OpenAI', description: 'OpenAI’s API. `model` names the endpoint.' },
  ...VENDOR_TAGS,
  { name: 'Deployments', description: 'The same endpoints at the path of MLflow’s deployments client.' },
  { name: 'Listings', description: 'What is configured. Keys are never shown.' },
  { name: 'Operation', description: 'For load balancers and monitoring.' },
];

/** A description of this gateway with a path for each endpoint: https://spec.openapis.org/oas/v3.1.1.html */
export function openapiDocument(snapshot: Snapshot, version: string): JsonObject {
  const destinations = destinationsByName(snapshot);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sluice',
      version,
      description: 'A self-hosted LLM gateway.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: TAGS,
    paths: {
      ...invocationPaths(snapshot, destinations, 'gateway', 'Endpoints'),
      ...openaiPaths(snapshot),
      ...vendorPaths,
      ...trackingPaths(snapshot),
      ...invocationPaths(snapshot, destinations, 'endpoints', 'Deployments'),
      ...fixedPaths,
    },
    components: { ...components, schemas: { ...requestSchemas, ...answerSchemas, ...listingSchemas } },
  };
}

type Destinations = ReadonlyMap<string, readonly Endpoint[]>;

/** The endpoints that a call by each name can reach. */
function destinationsByName({ endpoints, routes }: Snapshot): Destinations {
  const byName = new Map(endpoints.map((endpoint) => [endpoint.name, [endpoint]]));
  const ofRoutes = routes.map(
    (route) => [route.name, route.destinations.flatMap(({ name }) => byName.get(name) ?? [])] as const,
  );
  return new Map([...byName, ...ofRoutes]);
}

type Base = 'gateway' | 'endpoints';

function invocationPaths(snapshot: Snapshot, destinations: Destinations, base: Base, tag: string): JsonObject {
  const paths: JsonObject = {};
  for (const { name, operation } of snapshot.callables.values()) {
    const reached = destinations.get(name) ?? [];
    paths[`/${base}/${encodeURIComponent(name)}/invocations`] = {
      post: invocation({
        surface: 'mlflow',
        operation,
        operationId: `${base}_${name}`,
        tag,
        summary: reached.length > 1 ? `${operation}, split over ${reached.length} endpoints` : operation,
        description: reached.map(describeEndpoint).join(' '),
        example: EXAMPLES[operation],
        streams: reached.some(canStream),
        limited: reached.some(({ limit }) => limit !== null),
      }),
    };
  }
  return paths;
}

function trackingPaths(snapshot: Snapshot): JsonObject {
  const paths: JsonObject = {};
  for (const { name, operation } of snapshot.callables.values()) {
    const path = `/gateway/${encodeURIComponent(name)}/mlflow/invocations`;
    paths[path] = trackingPath(EXAMPLES[operation], operation, name);
  }
  return paths;
}

function describeEndpoint({ name, model, displayName, limit, upstreams }: Endpoint): string {
  const served = `\`${name}\`: ${model === null ? '' : `\`${model}\` of `}${displayName}`;
  const limited = limit ? `, at most ${limit.calls} calls per ${limit.renewalPeriod}` : '';
  return upstreams.openai.kind === 'missing'
    ? `${served}, which this version cannot reach yet.`
    : `${served}${limited}.`;
}

const canStream = ({ operation, upstreams: { openai } }: Endpoint): boolean =>
  operation !== 'embeddings' &&
  (openai.kind === 'pass' || (openai.kind === 'translate' && openai.wire.stream !== undefined));

const OPENAI_PATHS: ReadonlyArray<readonly [path: string, operation: Operation, summary: string]> = [
  ['/v1/chat/completions', 'chat', 'The next message of a conversation.'],
  ['/v1/completions', 'completions', 'The continuation of a text.'],
  ['/v1/embeddings', 'embeddings', 'Texts as vectors.'],
];

function openaiPaths(snapshot: Snapshot): JsonObject {
  const paths: JsonObject = {};
  for (const [path, operation, summary] of OPENAI_PATHS) {
    const names = [...snapshot.callables.values()].filter((callable) => callable.operation === operation);
    const model = names[0]?.name ?? 'my-endpoint';
    const listed = names.map(({ name }) => `\`${name}\``).join(', ');
    paths[path] = {
      post: invocation({
        surface: 'openai',
        operation,
        operationId: `openai_${operation}`,
        tag: 'OpenAI',
        summary,
        description: `\`model\` is one of: ${listed || 'none is configured'}. The provider judges most fields.`,
        example: { model, ...EXAMPLES[operation] },
        streams: operation !== 'embeddings',
        limited: snapshot.endpoints.some((endpoint) => endpoint.operation === operation && endpoint.limit !== null),
      }),
    };
  }
  return paths;
}
