import type { Secret } from '../core/secret.ts';
import type { Limit, Operation } from '../core/types.ts';
import type { AnswerContext } from '../dialects/dialect.ts';
import type { Limiter } from '../policies/limits/limiter.ts';
import type { OpenAITarget } from '../providers/provider.ts';
import type { Wire } from '../providers/wire.ts';
import type { PreparedRequest } from '../upstream/port.ts';
import type { EndpointMetrics } from './settle.ts';

/** An upstream that speaks OpenAI's format: how a client's body must be patched for it. */
export interface PassThrough {
  readonly kind: 'pass';
  readonly request: PreparedRequest;
  /** The same destination with the timeouts of a stream. */
  readonly streamRequest: PreparedRequest;
  /** For a body without `model`: the members to put first. */
  readonly prepend: string;
  /** For a body whose `model` names the endpoint: the model's JSON text instead, or null to leave the member out. */
  readonly replaceModel: Map<string, string | null>;
  readonly mend: OpenAITarget['mend'];
}

/** An upstream with a wire format of its own. */
export interface Translation {
  readonly kind: 'translate';
  readonly request: PreparedRequest;
  readonly wire: Wire;
  readonly takesModelParameter: boolean;
}

/** An operation that the provider does not have; `kind` names nothing to call. */
export interface Missing {
  readonly kind: 'missing';
}

export interface Endpoint {
  readonly name: string;
  readonly operation: Operation;
  readonly endpointType: string;
  readonly provider: string;
  readonly displayName: string;
  readonly model: string | null;
  readonly limit: Limit | null;
  readonly limiter: Limiter | null;
  readonly upstream: PassThrough | Translation | Missing;
  readonly context: AnswerContext;
  readonly secrets: readonly Secret[];
  readonly metrics: EndpointMetrics;
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
  pick(): Endpoint;
}

/** One configuration, compiled. Immutable: a request holds the snapshot that it began with. */
export interface Snapshot {
  readonly endpoints: readonly Endpoint[];
  readonly routes: readonly TrafficRoute[];
  readonly callables: ReadonlyMap<string, Callable>;
  /** Bytes. */
  readonly maxRequestBody: number;
  readonly maxInflatedRequestBody: number;
}
