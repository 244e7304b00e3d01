import { z } from 'zod';
import type { AuditHead, AuditRow } from '../../core/audit/audit-chain.ts';
import type { AuditCheckStep } from '../../storage/audit/audit-reader.ts';
import { ApiError } from '../api-error.ts';
import { choice, integer, text } from '../parameters/parameters.ts';
import { rangeParameters, readRange } from '../parameters/query.ts';
import { isoTime } from '../parameters/time.ts';
import { type AdminRequest, type AdminRoute, type AdminSources, jsonAnswer, jsonRoute, streamRoute } from '../route.ts';
import { time } from '../shapes/figures.ts';
import { auditEntry, auditEntryOf, auditVerdict, auditVerdictOf } from './audit-shapes.ts';
import type { AuditSource } from './audit-source.ts';

const TAG = 'Audit';
const list = jsonRoute({
  method: 'GET',
  permission: 'audit:read',
  tag: TAG,
  path: '/audit',
  operationId: 'audit',
  summary: 'Entries of the audit trail, newest first.',
  parameters: z.object({
    ...rangeParameters,
    action: text('Only this action, for example `payload.view`.').optional(),
    actor: text('Only of this actor.').optional(),
    outcome: choice(['ok', 'denied', 'failed'], 'Only with this outcome.').optional(),
    before: integer(1, Number.MAX_SAFE_INTEGER, 'Entries before this sequence number: `next` of a page.').optional(),
    limit: integer(1, 500, 'Entries of a page. Default: 100.').default(100),
  }),
  schema: z
    .strictObject({
      from: time,
      to: time,
      entries: z.array(auditEntry),
      next: z.int().nullable().meta({ description: '`before` of the next page; null after the last.' }),
    })
    .meta({ id: 'AuditPage' }),
  handle: async ({ parameters, sources, now }) => {
    const { from, to } = readRange(parameters, now);
    const { action = null, actor = null, outcome = null, before = null, limit } = parameters;
    const entries = await auditOf(sources).auditList({ from, to, action, actor, outcome, before, limit });
    const last = entries.at(-1);
    return {
      from: isoTime(from),
      to: isoTime(to),
      entries: entries.map(auditEntryOf),
      next: last !== undefined && entries.length === limit ? last.sequence : null,
    };
  },
});

const verify = streamRoute({
  method: 'POST',
  permission: 'audit:verify',
  tag: TAG,
  path: '/audit/verify',
  operationId: 'auditVerify',
  summary: 'Checks the whole trail: every hash, every link, its end.',
  description:
    'The body may name an anchor that was noted before, `{"sequence": …, "hash": …}`. With `Accept: text/event-stream` events tell how far the check is: `progress`, and `verdict` at the end.',
  parameters: z.object({}),
  mediaTypes: ['text/event-stream'],
  schema: auditVerdict,
  handle: async ({ request, sources }) => {
    const audit = auditOf(sources);
    const steps = checkSteps(audit, readAnchor(await request.body()), request.signal);
    if (request.header('accept')?.includes('text/event-stream')) {
      return { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body: progress(steps) };
    }
    let last: AuditCheckStep | null = null;
    for await (const step of steps) last = step;
    if (last === null) throw new ApiError('draining', 'The gateway is stopping.');
    return jsonAnswer(request, JSON.stringify(auditVerdictOf(last.check)), false);
  },
});

async function* checkSteps(
  audit: AuditSource,
  anchor: AuditHead | null,
  signal: AbortSignal,
): AsyncGenerator<AuditCheckStep> {
  let step = await audit.auditCheck({ anchor });
  yield step;
  while (!step.isOver && !signal.aborted) {
    step = await audit.auditCheck({ check: step.check, anchor });
    yield step;
  }
}

async function* progress(steps: AsyncIterable<AuditCheckStep>): AsyncGenerator<string> {
  for await (const { check, isOver } of steps) {
    yield `event: progress\ndata: ${JSON.stringify({ entries: check.entries })}\n\n`;
    if (isOver) yield `event: verdict\ndata: ${JSON.stringify(auditVerdictOf(check))}\n\n`;
  }
}

const anchorSchema = z.strictObject({ sequence: z.int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) });

function readAnchor(body: string): AuditHead | null {
  if (body.trim() === '') return null;
  const parsed = anchorSchema.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  throw new ApiError('invalid_body', 'The body is no anchor.', {
    hint: 'leave it out, or send {"sequence": 12, "hash": "<64 hexadecimal digits>"}',
  });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

const ROWS_AT_ONCE = 500;

const auditExport = streamRoute({
  method: 'GET',
  permission: 'audit:read',
  tag: TAG,
  path: '/audit/export',
  operationId: 'auditExport',
  summary: 'The whole trail as lines of JSON, each entry as its hash was made of it.',
  parameters: z.object({
    after: integer(0, Number.MAX_SAFE_INTEGER, 'Only entries behind this sequence number.').default(0),
  }),
  mediaTypes: ['application/jsonl'],
  handle: async ({ parameters, sources, principal, request, requestId }) => {
    const audit = auditOf(sources);
    const first = await audit.auditRows({ after: parameters.after, limit: ROWS_AT_ONCE });
    audit.record({
      actor: principal.name,
      address: principal.address,
      action: 'export.create',
      object: 'audit',
      outcome: 'ok',
      details: { after: parameters.after, request_id: requestId },
    });
    return {
      status: 200,
      headers: {
        'content-type': 'application/jsonl; charset=utf-8',
        'content-disposition': 'attachment; filename="sluice-audit.jsonl"',
      },
      body: exportLines(audit, first, request),
    };
  },
});

async function* exportLines(
  audit: AuditSource,
  first: readonly AuditRow[],
  { signal }: AdminRequest,
): AsyncGenerator<string> {
  let rows = first;
  for (let last = rows.at(-1); last !== undefined && !signal.aborted; last = rows.at(-1)) {
    yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    if (rows.length < ROWS_AT_ONCE) return;
    rows = await audit.auditRows({ after: last.sequence, limit: ROWS_AT_ONCE });
  }
}

function auditOf({ audit }: AdminSources): AuditSource {
  if (audit !== null) return audit;
  throw new ApiError('ledger_off', 'There is no audit trail: the ledger is off.', {
    hint: 'set `ledger.database` in the configuration to a path, or remove it for the default',
  });
}

export const auditRoutes: readonly AdminRoute[] = [list, verify, auditExport];
