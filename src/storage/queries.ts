import type { Database } from './database/database.ts';
import type {
  CompletionQuery,
  Estimate,
  ExportPage,
  ExportQuery,
  FacetsAnswer,
  FacetsQuery,
  LedgerQueries,
  LedgerStats,
  RequestDetail,
  RequestsPage,
  RequestsQuery,
  StoredPayload,
  TailPage,
  TailQuery,
  UsageAnswer,
  UsageQuery,
} from './ledger-queries.ts';
import { requireSchema } from './migrations/migrate.ts';
import { readPayload } from './payloads.ts';
import { estimateRequests } from './requests/estimate.ts';
import { exportRequests } from './requests/export-requests.ts';
import { completeValues, countFacets } from './requests/facets.ts';
import { readRequest } from './requests/one-request.ts';
import { listRequests } from './requests/request-list.ts';
import { readTail } from './requests/tail.ts';
import { readStats } from './stats.ts';
import { queryUsage } from './usage/usage-query.ts';

/** The questions, each in a file of its own. */
export class DatabaseQueries implements LedgerQueries {
  readonly #database: Database;
  readonly #ready: () => Promise<unknown>;

  /** `ready` resolves once there are tables to ask. */
  constructor(database: Database, ready: () => Promise<unknown>) {
    this.#database = database;
    this.#ready = ready;
  }

  async usage(query: UsageQuery): Promise<UsageAnswer> {
    await this.#ready();
    return queryUsage(this.#database, query);
  }

  async requests(query: RequestsQuery): Promise<RequestsPage> {
    await this.#ready();
    return listRequests(this.#database, query);
  }

  async request(id: string): Promise<RequestDetail | null> {
    await this.#ready();
    return readRequest(this.#database, id);
  }

  async payload(id: string): Promise<StoredPayload | null> {
    await this.#ready();
    return readPayload(this.#database, id);
  }

  async after(query: TailQuery): Promise<TailPage> {
    await this.#ready();
    return readTail(this.#database, query);
  }

  async export(query: ExportQuery): Promise<ExportPage> {
    await this.#ready();
    return exportRequests(this.#database, query);
  }

  async estimate(query: Parameters<LedgerQueries['estimate']>[0]): Promise<Estimate> {
    await this.#ready();
    return estimateRequests(this.#database, query);
  }

  async facets(query: FacetsQuery): Promise<FacetsAnswer> {
    await this.#ready();
    return countFacets(this.#database, query);
  }

  async complete(query: CompletionQuery): Promise<readonly { readonly value: string; readonly count: number }[]> {
    await this.#ready();
    return completeValues(this.#database, query);
  }

  async stats(): Promise<LedgerStats> {
    await this.#ready();
    return readStats(this.#database, await requireSchema(this.#database));
  }
}
