import { formatDollars } from '../../core/ledger/money.ts';
import { OUTCOMES } from '../../core/ledger/outcome.ts';
import type { Pricing } from '../../core/ledger/pricing.ts';
import type { RequestRecord, UsageRecord } from '../../core/ledger/request-record.ts';
import type { Dialect } from '../database/database.ts';
import { fixed, joined, type Sql, type SqlValue } from '../database/sql.ts';
import type { PricingView, RequestSummary } from '../ledger-queries.ts';
import { tokensPerSecond } from '../rollups/cell-builder.ts';
import { tokenFigures } from '../usage/figures.ts';
import { type Detail, readAttempts, readPhases, readPricing, readTrace } from './detail.ts';
import { AT, FLAG, REQUEST_COLUMNS, type RequestColumn, TOKEN_BUCKETS } from './request-columns.ts';

const MICROSECONDS = 1000;

/** All columns in the order of `REQUEST_COLUMNS`, and whether texts are kept. */
export function rowColumns(dialect: Dialect): Sql {
  const columns = REQUEST_COLUMNS.map(({ name }) =>
    name === 'cost' ? dialect.exact(fixed('requests.cost')) : fixed(`requests.${name}`),
  );
  const payload = fixed('CASE WHEN EXISTS (SELECT 1 FROM payloads WHERE request_id = requests.id) THEN 1 ELSE 0 END');
  return joined([...columns, payload], ', ');
}

/** Where `rowColumns` has what it adds. */
const PAYLOAD = REQUEST_COLUMNS.length;

/** The first column that a statement has after `rowColumns`. */
export const AFTER_ROW = PAYLOAD + 1;

export type Row = readonly SqlValue[];

const textAt = (row: Row, column: RequestColumn): string | null => {
  const value = row[AT[column]] ?? null;
  return value === null ? null : String(value);
};

const numberAt = (row: Row, column: RequestColumn): number => Number(row[AT[column]] ?? 0);

const hasFlag = (row: Row, flag: number): boolean => (numberAt(row, 'flags') & flag) !== 0;

export function readSummary(row: Row): RequestSummary {
  const firstToken = row[AT.first_token] ?? null;
  return {
    id: textAt(row, 'id') ?? '',
    time: numberAt(row, 'time'),
    surface: textAt(row, 'surface') ?? '',
    operation: textAt(row, 'operation') ?? '',
    endpoint: textAt(row, 'endpoint'),
    provider: textAt(row, 'provider'),
    model: textAt(row, 'model'),
    servedModel: servedModel(row),
    status: numberAt(row, 'status'),
    outcome: OUTCOMES[numberAt(row, 'outcome')] ?? 'gateway',
    errorCode: textAt(row, 'error_code'),
    errorMessage: textAt(row, 'error_message'),
    finishReason: textAt(row, 'finish_reason'),
    stream: hasFlag(row, FLAG.stream),
    clientClosed: hasFlag(row, FLAG.clientClosed),
    key: textAt(row, 'key_name'),
    user: textAt(row, 'user_name'),
    team: textAt(row, 'team'),
    tags: tagsOf(row),
    address: textAt(row, 'address'),
    userAgent: textAt(row, 'user_agent'),
    traceId: textAt(row, 'trace_id'),
    attempts: numberAt(row, 'attempts'),
    duration: numberAt(row, 'duration') / MICROSECONDS,
    firstToken: firstToken === null ? null : Number(firstToken) / MICROSECONDS,
    overhead: numberAt(row, 'overhead') / MICROSECONDS,
    tokensPerSecond: tokensPerSecond(row),
    tokens: row[AT.input] === null ? null : tokenFigures(tokenCounts(row)),
    usageSource: usageSource(row),
    cost: costOf(row) === null ? null : formatDollars(costOf(row) ?? 0n),
    unpriced: hasFlag(row, FLAG.unpriced),
    requestBytes: numberAt(row, 'request_bytes'),
    responseBytes: numberAt(row, 'response_bytes'),
    payload: Number(row[PAYLOAD]) === 1,
  };
}

export function costOf(row: Row): bigint | null {
  const cost = row[AT.cost] ?? null;
  return cost === null ? null : BigInt(cost as string | number);
}

function servedModel(row: Row): string | null {
  return hasFlag(row, FLAG.servedAsAsked) ? textAt(row, 'model') : textAt(row, 'served_model');
}

function usageSource(row: Row): RequestRecord['usageSource'] {
  if (hasFlag(row, FLAG.providerUsage)) return 'provider';
  return hasFlag(row, FLAG.estimatedUsage) ? 'estimated' : null;
}

function tagsOf(row: Row): Readonly<Record<string, string>> {
  const tags = textAt(row, 'tags');
  return tags === null ? {} : (JSON.parse(tags) as Record<string, string>);
}

function tokenCounts(row: Row): number[] {
  return TOKEN_BUCKETS.map((_, bucket) => Number(row[AT.input + bucket] ?? 0));
}

function detailOf(row: Row): Detail {
  return JSON.parse(textAt(row, 'detail') ?? '{}') as Detail;
}

/** The record as it was given to `writeRow`; tags in the order of their names. */
export function readRecord(row: Row): RequestRecord {
  const detail = detailOf(row);
  const code = textAt(row, 'error_code');
  const summary = readSummary(row);
  return {
    id: summary.id,
    time: detail.time ?? summary.time,
    node: detail.node,
    surface: summary.surface,
    operation: summary.operation,
    endpoint: summary.endpoint,
    route: detail.route ?? null,
    provider: summary.provider,
    model: summary.model,
    servedModel: summary.servedModel,
    status: summary.status,
    error: code === null ? null : { code, message: summary.errorMessage ?? '' },
    finishReason: summary.finishReason,
    stream: summary.stream,
    clientClosed: summary.clientClosed,
    caller: {
      address: summary.address,
      userAgent: summary.userAgent,
      user: summary.user,
      team: summary.team,
      key: summary.key,
      tags: summary.tags,
    },
    trace: readTrace(detail, summary.traceId),
    phases: readPhases(detail, {
      firstToken: summary.firstToken,
      lastByte: summary.duration,
      own: summary.overhead,
    }),
    attempts: readAttempts(detail, summary),
    usage: readUsage(row, detail),
    usageSource: summary.usageSource,
    providerCost: textAt(row, 'provider_cost'),
    serviceTier: detail.tier ?? null,
    changes: detail.changes ?? null,
    requestBytes: summary.requestBytes,
    responseBytes: summary.responseBytes,
  };
}

function readUsage(row: Row, detail: Detail): UsageRecord | null {
  if (row[AT.input] === null) return null;
  const { prompt: _prompt, completion: _completion, total: _total, ...buckets } = tokenFigures(tokenCounts(row));
  return { ...buckets, ...detail.usage };
}

export function pricingOf(row: Row): Pricing {
  return readPricing(detailOf(row), costOf(row));
}

export function pricingView({ cost, lines, source, reason }: Pricing): PricingView {
  return {
    cost: cost === null ? null : formatDollars(cost),
    lines: lines.map((line) => ({ ...line, cost: formatDollars(line.cost) })),
    source,
    reason,
  };
}
