import type { GatewayConfig } from '../config/types.ts';
import { compileSnapshot, type Foundation } from '../gateway/compile.ts';
import type { Snapshot } from '../gateway/snapshot.ts';
import { type CounterMemory, CounterTable } from '../policies/limits/counter-table.ts';
import type { Log } from '../telemetry/log.ts';
import { type Family, Metrics } from '../telemetry/metrics.ts';
import { createTransport } from '../upstream/transport.ts';
import { CallsUnderWay } from './calls-under-way.ts';
import { commonPages, type NodeStatus } from './common-pages.ts';
import { type TrustedProxies, trustProxies } from './forwarded.ts';
import { type HostRule, hostRule } from './host-names.ts';
import { compileRoutes, type RouteTable } from './route-table.ts';

/** What the thread that supervises the workers does for each of them. */
export interface Supervisor {
  /** The metrics of every worker. */
  collectMetrics(): Promise<ReadonlyArray<readonly Family[]>>;
}

export interface NodeOptions {
  readonly limits: CounterMemory;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly supervisor: Supervisor;
}

/** How a node is told to stop, in milliseconds. */
export interface DrainTimes {
  /** How long requests are still served. */
  readonly delayMs: number;
  /** How long the requests under way may go on after that. */
  readonly deadlineMs: number;
}

/** One configuration in force: what a request looks at, all swapped at once. */
export interface InForce {
  readonly snapshot: Snapshot;
  readonly routes: RouteTable;
  readonly proxies: TrustedProxies;
  /** Clients come through a proxy, so that the address listened on says nothing about them. */
  readonly isBehindProxy: boolean;
  /** By which names pages may call, where the address listened on does not say. */
  readonly hosts: HostRule;
}

/** One worker's gateway: its snapshot, its connections, its metrics. */
export class GatewayNode {
  readonly log: Log;
  readonly calls = new CallsUnderWay();
  readonly metrics = new Metrics();
  inForce: InForce;
  /** No new requests are taken: only the pages that tell about the gateway answer. */
  isRefusing = false;
  readonly #foundation: Foundation;
  readonly #supervisor: Supervisor;
  #status: NodeStatus = { draining: false, rejected: null };

  constructor(config: GatewayConfig, { limits, environment, log, supervisor }: NodeOptions) {
    this.log = log;
    this.#supervisor = supervisor;
    this.#foundation = {
      transport: createTransport(environment),
      limits: new CounterTable(limits),
      metrics: this.metrics,
    };
    this.#registerGauges();
    this.inForce = this.#compile(config);
  }

  /** Requests under way go on with the configuration that they began with. */
  apply(config: GatewayConfig): void {
    this.inForce = this.#compile(config);
    this.#status = { ...this.#status, rejected: null };
  }

  /** A new configuration was refused; the one in force stays. */
  reject(summary: string): void {
    this.#status = { ...this.#status, rejected: summary };
  }

  /**
   * Answers health checks with 503, serves on for a while, then refuses what is new and waits for the requests under
   * way. Resolves to false when the deadline cut some off.
   */
  async drain({ delayMs, deadlineMs }: DrainTimes): Promise<boolean> {
    this.#status = { ...this.#status, draining: true };
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    this.isRefusing = true;
    return this.calls.none(deadlineMs);
  }

  /** Closes the idle connections to upstreams. */
  close(): void {
    this.#foundation.transport.close();
  }

  collectMetrics(): Promise<ReadonlyArray<readonly Family[]>> {
    return this.#supervisor.collectMetrics();
  }

  #compile(config: GatewayConfig): InForce {
    const snapshot = compileSnapshot(config, this.#foundation);
    const pages = commonPages(snapshot, { status: () => this.#status, collectMetrics: () => this.collectMetrics() });
    return {
      snapshot,
      routes: compileRoutes(snapshot, pages),
      proxies: trustProxies(config.server.trustedProxies),
      isBehindProxy: config.server.trustedProxies.length > 0,
      hosts: hostRule(config.server.allowedHosts),
    };
  }

  #registerGauges(): void {
    const { metrics } = this;
    const statistics = () => this.#foundation.transport.statistics();
    metrics.gauge('sluice_requests_in_flight', 'Model calls under way.', () => this.calls.count);
    metrics.gauge('sluice_upstream_connections', 'Upstream connections by state.', () => statistics().idle, {
      state: 'idle',
    });
    metrics.gauge(
      'sluice_upstream_connections',
      'Upstream connections by state.',
      () => statistics().open - statistics().idle,
      { state: 'active' },
    );
  }
}
