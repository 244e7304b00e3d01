import { AdminApi } from '../admin/admin-api.ts';
import type { AdminSources } from '../admin/route.ts';
import type { GatewayConfig } from '../config/types.ts';
import { type AuditNote, auditText } from '../core/audit/audit-event.ts';
import type { Secret } from '../core/secret.ts';
import { compileSnapshot, type Foundation } from '../gateway/compile.ts';
import type { Recorder } from '../gateway/exchange.ts';
import type { Snapshot } from '../gateway/snapshot.ts';
import { type CounterMemory, CounterTable } from '../policies/limits/counter-table.ts';
import type { JournalControl } from '../storage/journal/control.ts';
import { watchEventLoop } from '../telemetry/event-loop-lag.ts';
import type { Log } from '../telemetry/log.ts';
import { type Family, Metrics } from '../telemetry/metrics.ts';
import { proxySecrets } from '../upstream/proxy-rules.ts';
import { createTransport } from '../upstream/transport.ts';
import { CallsUnderWay } from './calls-under-way.ts';
import { commonPages, type NodeStatus } from './common-pages.ts';
import { type TrustedProxies, trustProxies } from './forwarded.ts';
import { type HostRule, hostRule } from './host-names.ts';
import { queriesThrough } from './ledger-client.ts';
import type { FromJournal, LedgerAnswer, LedgerQuestion } from './ledger-protocol.ts';
import { compileRoutes, type RouteTable } from './route-table.ts';

/** What the thread that supervises the workers does for each of them. */
export interface Supervisor {
  /** The metrics of every worker. */
  collectMetrics(): Promise<ReadonlyArray<readonly Family[]>>;
  toLedger(message: FromJournal): void;
  askLedger(name: LedgerQuestion, question: unknown): Promise<LedgerAnswer>;
}

export interface NodeOptions {
  readonly limits: CounterMemory;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly supervisor: Supervisor;
  readonly recorder: Recorder;
  /** How the journal does; null where nobody keeps records. */
  readonly journal: JournalControl | null;
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
  /** Who has it may use the management API. */
  readonly adminToken: Secret | null;
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
  readonly admin: AdminApi;
  readonly #stopping = new AbortController();
  readonly #foundation: Foundation;
  readonly #supervisor: Supervisor;
  readonly #journal: JournalControl | null;
  readonly #stopWatching: () => void;
  #status: Pick<NodeStatus, 'draining' | 'rejected'> = { draining: false, rejected: null };

  constructor(config: GatewayConfig, { limits, environment, log, supervisor, recorder, journal }: NodeOptions) {
    this.log = log;
    this.#supervisor = supervisor;
    this.#foundation = {
      transport: createTransport(environment),
      limits: new CounterTable(limits),
      metrics: this.metrics,
      recorder,
      secrets: proxySecrets(environment),
    };
    this.#journal = journal;
    this.#registerGauges();
    this.#stopWatching = watchEventLoop(this.metrics);
    this.inForce = this.#compile(config);
    const sources = this.#adminSources(config);
    this.admin = new AdminApi({
      token: () => this.inForce.adminToken,
      sources: () => sources,
      failed: (error, path, id) => log.error('a call of the management API failed', { id, path, error: inside(error) }),
    });
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
    this.#stopping.abort();
    return this.calls.none(deadlineMs);
  }

  /** Notes something in the audit trail, by way of the journal. What is `isQuiet` waits there for the next record. */
  note(event: AuditNote, isQuiet = false): void {
    const { ids, journal } = this.#foundation.recorder;
    const time = Date.now();
    journal?.append(auditText({ id: ids.next(time), time, ...event }), isQuiet);
  }

  /** For an answer of which there is no record. */
  requestId(): string {
    return this.#foundation.recorder.ids.next(Date.now());
  }

  /** Closes the idle connections to upstreams. */
  close(): void {
    this.#stopWatching();
    this.#foundation.transport.close();
  }

  get status(): NodeStatus {
    const isBehind = this.#journal?.isTroubled === true;
    const inMemory = this.#journal?.isDegraded === true;
    return { ...this.#status, ledger: { isBehind, inMemory, waiting: this.#journal?.waiting ?? 0 } };
  }

  /** Aborts when what has no end of its own is to end: live tails, long exports. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  collectMetrics(): Promise<ReadonlyArray<readonly Family[]>> {
    return this.#supervisor.collectMetrics();
  }

  #adminSources({ ledger }: GatewayConfig): AdminSources {
    const queries = queriesThrough((name, question) => this.#supervisor.askLedger(name, question));
    const isOff = ledger.database.kind === 'off';
    if (isOff) return { ledger: null, catalog: null, audit: null };
    return { ledger: queries, catalog: queries, audit: { ...queries, record: (event) => this.note(event) } };
  }

  #compile(config: GatewayConfig): InForce {
    const snapshot = compileSnapshot(config, this.#foundation);
    const pages = commonPages(snapshot, { status: () => this.status, collectMetrics: () => this.collectMetrics() });
    return {
      snapshot,
      routes: compileRoutes(snapshot, pages),
      proxies: trustProxies(config.server.trustedProxies),
      isBehindProxy: config.server.trustedProxies.length > 0,
      adminToken: config.admin.token,
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
    metrics.gauge(
      'sluice_upstream_waiting_requests',
      'Requests that wait for a connection to be made.',
      () => this.#foundation.transport.waiting?.() ?? 0,
    );
  }
}

function inside(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
