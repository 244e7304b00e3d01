import type { UpstreamSettings } from '../../src/config/types.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import type { Secret } from '../../src/core/secret.ts';
import type { JsonObject, Operation } from '../../src/core/types.ts';
import { CommonMembers } from '../../src/gateway/common-members.ts';
import { compileUpstreams } from '../../src/gateway/compile-upstream.ts';
import { EndpointMetrics, NO_ENDPOINT } from '../../src/gateway/endpoint-metrics.ts';
import type { Exchange } from '../../src/gateway/exchange.ts';
import { handle } from '../../src/gateway/pipeline.ts';
import type { Callable, Endpoint, Snapshot } from '../../src/gateway/snapshot.ts';
import type { Deployment, Target } from '../../src/providers/provider.ts';
import { trustProxies } from '../../src/server/forwarded.ts';
import { HttpServer } from '../../src/server/http/http-server.ts';
import { IncomingRequest } from '../../src/server/incoming-request.ts';
import { compileRoutes } from '../../src/server/route-table.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { createTransport } from '../../src/upstream/transport.ts';
import { NO_RECORDER } from './recorder.ts';

const PATIENT: UpstreamSettings = {
  connectTimeout: 5000,
  firstByteTimeout: 0,
  idleTimeout: 5000,
  remoteMedia: true,
  totalTimeout: 5000,
  streamTotalTimeout: 0,
};

export interface TargetOptions {
  readonly operation?: Operation;
  readonly strict?: boolean;
  readonly secrets?: readonly Secret[];
  readonly settings?: Partial<UpstreamSettings>;
  readonly natives?: Deployment['natives'];
}

const OPENAI_PATHS: Readonly<Record<Operation, string>> = {
  chat: '/v1/chat/completions',
  completions: '/v1/completions',
  embeddings: '/v1/embeddings',
};

/** A gateway on a free port with one endpoint `e`, whose target is the test's own rather than a provider's. */
export class TargetGateway {
  readonly metrics = new Metrics();
  /** Those that have ended. */
  readonly exchanges: Exchange[] = [];
  readonly failures: GatewayError[] = [];
  readonly port: number;
  readonly #operation: Operation;
  readonly #server: HttpServer;
  readonly #transport = createTransport({});

  constructor(target: Target, options: TargetOptions = {}) {
    this.#operation = options.operation ?? 'chat';
    const snapshot = this.#snapshot(target, options);
    const inForce = {
      snapshot,
      routes: compileRoutes(snapshot, []),
      proxies: trustProxies([]),
      isBehindProxy: false,
      adminToken: null,
      hosts: () => true,
    };
    this.#server = new HttpServer({
      hostname: '127.0.0.1',
      port: 0,
      shared: false,
      handle: (request) => {
        const [path = ''] = request.head.target.split('?');
        const invocation = inForce.routes.get(path)?.find(({ kind }) => kind === 'invocation');
        if (invocation?.kind !== 'invocation') return request.respond(404, '', 'no such path');
        void handle(snapshot, new IncomingRequest(request, invocation, inForce), {
          failed: (_, error) => this.failures.push(error),
          ended: (exchange) => this.exchanges.push(exchange),
        });
      },
    });
    this.port = this.#server.port;
  }

  openai(body: JsonObject, headers: Record<string, string> = {}): Promise<Response> {
    return this.post(OPENAI_PATHS[this.#operation], { model: 'e', ...body }, headers);
  }

  mlflow(body: JsonObject, headers: Record<string, string> = {}): Promise<Response> {
    return this.post('/gateway/e/invocations', body, headers);
  }

  /** The value of a token counter; `prompt` and `completion` are the sums of theirs. */
  tokens(type: string): number {
    const family = this.metrics.collect().find(({ name }) => name === 'sluice_tokens_total');
    const sides: Readonly<Record<string, RegExp>> = {
      prompt: /type="(?:input|cache)/,
      completion: /type="(?:output|reasoning)/,
    };
    const wanted = sides[type] ?? new RegExp(`type="${type}"`);
    const counted = family?.samples.filter(({ labels }) => wanted.test(labels)) ?? [];
    return counted.reduce((sum, { value }) => sum + value, 0);
  }

  async stop(): Promise<void> {
    this.#transport.close();
    await this.#server.drain(0);
  }

  post(path: string, body: JsonObject, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  #snapshot(target: Target, options: TargetOptions): Snapshot {
    const { operation = 'chat', strict = false, secrets = [], settings, natives = {} } = options;
    const deployment = { targets: { [operation]: target }, natives };
    const endpoint: Endpoint = {
      name: 'e',
      operation,
      endpointType: `llm/v1/${operation}`,
      provider: 'toy',
      displayName: 'Toy',
      model: 'toy-1',
      limit: null,
      limiter: null,
      strict,
      relay: null,
      noRelay: null,
      upstreams: compileUpstreams(deployment, operation, { ...PATIENT, ...settings }, this.#transport),
      context: { operation, provider: 'toy', model: 'toy-1' },
      secrets,
      metrics: new EndpointMetrics(this.metrics, { endpoint: 'e', provider: 'toy', model: 'toy-1' }),
      loggedChanges: new Set(),
      logging: 'metadata',
      members: new CommonMembers(''),
    };
    const callable: Callable = { name: 'e', operation, route: null, pick: () => endpoint };
    return {
      endpoints: [endpoint],
      routes: [],
      callables: new Map([['e', callable]]),
      recorder: NO_RECORDER,
      sampler: null,
      unrouted: new EndpointMetrics(this.metrics, NO_ENDPOINT),
      maxRequestBody: 1e7,
      maxUpload: 1e9,
      maxInflatedRequestBody: 1e7,
    };
  }
}
