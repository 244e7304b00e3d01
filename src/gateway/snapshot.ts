import type { Logging } from '../config/types.ts';
import type { NeutralChatRequest } from '../core/neutral/request.ts';
import type { Secret } from '../core/secret.ts';
import type { JsonObject, Limit, Operation, WireFormat } from '../core/types.ts';
import type { AnswerContext } from '../dialects/dialect.ts';
import type { Limiter } from '../policies/limits/limiter.ts';
import type { Authorizer, OpenAITarget, Target, TranslatedTarget } from '../providers/provider.ts';
import type { Wire } from '../providers/wire.ts';
import type { Sampler } from '../telemetry/sampler.ts';
import type { Destination, PreparedRequest } from '../upstream/port.ts';
import type { CommonMembers } from './common-members.ts';
import type { EndpointMetrics } from './endpoint-metrics.ts';
import type { Recorder } from './exchange.ts';
import type { Relay } from './relay/relay.ts';

/** A request compiled for its destination, and the destination for whoever must sign it. */
export interface Outlet {
  readonly destination: Destination;
  readonly request: PreparedRequest;
  /** The destination's own headers, names in lower case; secrets stay secret. */
  readonly headers: ReadonlyMap<string, string>;
  /** The same without the configured credential, for clients that bring their own. */
  readonly withoutCredentials: PreparedRequest;
}

interface UpstreamBase {
  /** For answers that are no streams. */
  readonly whole: Outlet;
  /** For streams, which have timeouts of their own and sometimes another URL. */
  readonly streamed: Outlet;
  /** For embeddings of more than one input. */
  readonly batch: Outlet;
  /** Where the upstream counts the tokens of a request; null where it does not. */
  readonly count: Outlet | null;
  readonly takesModelParameter: boolean;
  readonly authorize: Authorizer | undefined;
  readonly readError: Target['readError'];
  /** In lower case. */
  readonly requestIdHeader: string;
  /** Host and port, as a member of a record, with a comma before it. */
  readonly serverText: string;
  /** How long credentials and media may take before the request is sent, in milliseconds; 0 for no limit. */
  readonly preparationTimeout: number;
}

/** An upstream that speaks the client's own format: how the client's body must be patched for it. */
export interface PassThrough extends UpstreamBase {
  readonly kind: 'pass';
  readonly format: WireFormat;
  /** For a body without `model`: the members to put first. */
  readonly prepend: string;
  /** For a body whose `model` names the endpoint: the model's JSON text instead, or null to leave the member out. */
  readonly replaceModel: ReadonlyMap<string, string | null>;
  readonly adjust: OpenAITarget['adjust'];
  readonly mend: OpenAITarget['mend'];
  readonly mendChunk: OpenAITarget['mendChunk'];
  readonly streamsUsageUnasked: boolean;
  /** Headers of the client, in lower case, that the upstream understands. */
  readonly forwardedHeaders: readonly string[];
  /** What serves the requests that this cannot; null where there are none. */
  readonly substitute: Substitute | null;
}

/** The way through the neutral shape, beside one on which bytes pass. */
export interface Substitute {
  readonly upstream: Translation;
  /** False for requests that the native API refuses. */
  readonly nativeServes: (body: JsonObject) => boolean;
  /** Whether the server has the native API at all. The one thing here that requests find out and change. */
  nativeApi: 'there' | 'missing' | 'unknown';
}

/** An upstream with a wire format of its own. */
export interface Translation extends UpstreamBase {
  readonly kind: 'translate';
  readonly wire: Wire;
  readonly oneInput: boolean;
  /** What happens to media given by URL, where the provider takes them only inline; null where it fetches them itself. */
  readonly inlineMedia: ((request: NeutralChatRequest) => Promise<NeutralChatRequest>) | null;
  readonly alternative: Alternative | null;
}

export interface Alternative {
  readonly serves: NonNullable<TranslatedTarget['alternative']>['serves'];
  readonly upstream: Translation;
}

/** An operation that the provider does not have; `kind` names nothing to call. */
export interface Missing {
  readonly kind: 'missing';
}

export type Upstream = PassThrough | Translation | Missing;

/** How an endpoint is reached by clients of each format. */
export type Upstreams = Readonly<Record<WireFormat, Upstream>>;

export interface Endpoint {
  readonly name: string;
  readonly operation: Operation;
  readonly endpointType: string;
  readonly provider: string;
  readonly displayName: string;
  readonly model: string | null;
  readonly limit: Limit | null;
  readonly limiter: Limiter | null;
  /** Refuses a request rather than leave out what the provider cannot take. */
  readonly strict: boolean;
  readonly upstreams: Upstreams;
  /** How requests reach the provider that pass as they come; null where none do. */
  readonly relay: Relay | null;
  /** Why not, where there is more to say than that there is no way. */
  readonly noRelay: string | null;
  readonly context: AnswerContext;
  readonly secrets: readonly Secret[];
  readonly metrics: EndpointMetrics;
  /** The changes that were logged under this snapshot already. */
  readonly loggedChanges: Set<string>;
  /** What is kept of its requests: `off` leaves out who asks, and what errors say. */
  readonly logging: Logging;
  /** What its records have in common. */
  readonly members: CommonMembers;
}

export interface TrafficRoute {
  readonly name: string;
  readonly taskType: string;
  readonly destinations: ReadonlyArray<{ readonly name: string; readonly traffic_percentage: number }>;
  readonly routingStrategy: string;
}

/** What a client can call by name: an endpoint, or a traffic route that picks one for each request. */
export interface Callable {
  readonly name: string;
  readonly operation: Operation;
  /** The name of the traffic route; null for an endpoint itself. */
  readonly route: string | null;
  pick(): Endpoint;
}

/** One configuration, compiled. Immutable: a request holds the snapshot that it began with. */
export interface Snapshot {
  readonly endpoints: readonly Endpoint[];
  readonly routes: readonly TrafficRoute[];
  readonly callables: ReadonlyMap<string, Callable>;
  readonly recorder: Recorder;
  /** Decides which traces are kept; null where none are, and then only a caller's goes on. */
  readonly sampler: Sampler | null;
  /** The metrics of requests that end before their endpoint is known. */
  readonly unrouted: EndpointMetrics;
  /** Bytes. */
  readonly maxRequestBody: number;
  readonly maxInflatedRequestBody: number;
  readonly maxUpload: number;
}
