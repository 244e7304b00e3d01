import { AdminApi } from '../../src/admin/admin-api.ts';
import type { AdminAnswer, AdminSources } from '../../src/admin/route.ts';
import { bundledCatalog } from '../../src/catalog/catalog.ts';
import { searchCatalog } from '../../src/catalog/search.ts';
import type { AuditNote } from '../../src/core/audit/audit-event.ts';
import { Secret } from '../../src/core/secret.ts';
import { isJsonObject, type JsonObject } from '../../src/core/types.ts';
import { type LedgerDatabase, openLedger } from '../../src/storage/ledger-database.ts';
import type { LedgerBatch } from '../../src/storage/ledger-store.ts';
import { tableOf } from '../../src/storage/records/write-record.ts';

export const TOKEN = 'a-token-for-tests-only';

export interface Caller {
  readonly method?: string;
  readonly peer?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly json: JsonObject;
}

/** The management API over a ledger in memory, without a server. */
export class TestApi {
  readonly database: LedgerDatabase;
  readonly notes: AuditNote[] = [];
  readonly failures: unknown[] = [];
  readonly api: AdminApi;

  constructor(options: { readonly token?: string | null; readonly sources?: Partial<AdminSources> } = {}) {
    this.database = openLedger({ database: ':memory:' });
    const { audit } = this.database;
    const { token = null } = options;
    this.api = new AdminApi({
      token: () => (token === null ? null : new Secret(token)),
      sources: () => ({
        ledger: this.database.queries,
        catalog: { models: async (search) => searchCatalog(await bundledCatalog(), search) },
        audit: {
          auditList: (query) => audit.auditList(query),
          auditCheck: (step) => audit.auditCheck(step),
          auditRows: (query) => audit.auditRows(query),
          record: (note) => void this.notes.push(note),
        },
        ...options.sources,
      }),
      failed: (error) => this.failures.push(error),
    });
  }

  async write(batch: Partial<LedgerBatch>): Promise<void> {
    await this.database.write({ records: tableOf([]), payloads: [], positions: [], events: [], ...batch });
  }

  /** `path` is what follows `/api/v1`, with its query. */
  async begin(path: string, caller: Caller = {}): Promise<AdminAnswer> {
    const headers: Record<string, string> = { host: 'localhost:5000', ...caller.headers };
    const [name = '', ...query] = path.split('?');
    return this.api.answer({
      method: caller.method ?? 'GET',
      path: `/api/v1${name}`,
      query: query.join('?'),
      peer: caller.peer ?? '127.0.0.1',
      address: caller.peer ?? '127.0.0.1',
      header: (field) => headers[field] ?? null,
      body: async () => caller.body ?? '',
      signal: caller.signal ?? new AbortController().signal,
    });
  }

  async call(path: string, caller: Caller = {}): Promise<Answer> {
    const { status, headers, body } = await this.begin(path, caller);
    let text = '';
    if (typeof body === 'string') text = body;
    else for await (const part of body) text += part;
    return { status, headers, text, json: asObject(text) };
  }

  /** The JSON of an answer that is a success. */
  async get(path: string): Promise<JsonObject> {
    const { status, text, json } = await this.call(path);
    if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
    return json;
  }
}

function asObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
