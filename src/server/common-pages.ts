import { VERSION } from '../core/version.ts';
import { mlflow } from '../dialects/mlflow/index.ts';
import type { Snapshot } from '../gateway/snapshot.ts';
import { exposition } from '../telemetry/exposition.ts';
import type { Family } from '../telemetry/metrics.ts';
import { CONTENT_SECURITY_POLICY, documentationPage } from './pages/documentation.ts';
import { favicon } from './pages/favicon.ts';
import { openapiDocument } from './pages/openapi.ts';
import { jsonResponse } from './responses.ts';
import type { Page, PageEntry } from './route-table.ts';

export interface NodeStatus {
  readonly draining: boolean;
  /** Why the newest configuration is not in force; null when it is. */
  readonly rejected: string | null;
  readonly ledger: LedgerStatus;
}

interface LedgerStatus {
  /** The database takes no records; they wait in the journal. */
  readonly isBehind: boolean;
  /** The journal's disk takes no more; what waits is lost when the process ends. */
  readonly inMemory: boolean;
  /** Records that are not in the database yet. */
  readonly waiting: number;
}

interface PageSources {
  status(): NodeStatus;
  collectMetrics(): Promise<ReadonlyArray<readonly Family[]>>;
}

/** The pages that every gateway has: health, metrics, documentation. */
export function commonPages(snapshot: Snapshot, sources: PageSources): readonly PageEntry[] {
  const openapi = () => jsonResponse(openapiDocument(snapshot, VERSION));
  const documentation = () =>
    new Response(documentationPage(), {
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CONTENT_SECURITY_POLICY },
    });
  return [
    ['/', get((_request, url) => Response.redirect(`/docs${url.search}`, 307))],
    ['/docs', get(documentation)],
    ['/redoc', get(documentation)],
    ['/openapi.json', get(openapi)],
    ['/favicon.ico', get(favicon)],
    ['/health', get(() => health(sources.status()))],
    ['/metrics', get(async () => metrics(await sources.collectMetrics()))],
  ];
}

function get(answer: Page['answer']): Page {
  return { kind: 'page', method: 'GET', dialect: mlflow, answer };
}

/** MLflow's `{"status":"OK"}`, with more only when there is something to say. 503 tells a load balancer to look elsewhere. */
function health({ draining, rejected, ledger }: NodeStatus): Response {
  if (draining) return jsonResponse({ status: 'DRAINING' }, 503);
  const config = { status: 'REJECTED', error: rejected, serving: 'the last valid configuration' };
  return jsonResponse({
    status: 'OK',
    ...(rejected !== null && { config }),
    ...((ledger.isBehind || ledger.inMemory) && { ledger: ledgerHealth(ledger) }),
  });
}

/** Requests are answered all the same, so that a load balancer has nothing to do with it. */
function ledgerHealth({ isBehind, inMemory, waiting }: LedgerStatus) {
  return {
    status: 'DEGRADED',
    database: isBehind ? 'not available' : 'available',
    journal: inMemory ? 'in memory, because the disk does not take it' : 'on disk',
    waiting_records: waiting,
  };
}

function metrics(collections: ReadonlyArray<readonly Family[]>): Response {
  return new Response(exposition(collections), {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  });
}
