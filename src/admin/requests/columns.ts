import type { RequestDetail, TokenBuckets } from '../../storage/ledger-queries.ts';
import { invalid } from '../api-error.ts';
import { isoTime, shown } from '../parameters/time.ts';
import { micro } from '../shapes/figures.ts';

export type Cell = string | number | boolean | null;

/** What a column holds. `decimal` is text with an exact decimal, `timestamp` ISO 8601 in UTC. */
export type ColumnType = 'string' | 'int64' | 'double' | 'boolean' | 'timestamp' | 'decimal';

/** One column of an export: flat, of one type, with a name that stays. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
  read(request: RequestDetail): Cell;
}

function column(name: string, type: ColumnType, description: string, read: Column['read']): Column {
  return { name, type, description, read };
}

function tokens(name: string, bucket: keyof TokenBuckets | 'prompt' | 'completion' | 'total'): Column {
  return column(name, 'int64', 'Tokens.', ({ summary }) => summary.tokens?.[bucket] ?? null);
}

function rounded(value: number | null): number | null {
  return value === null ? null : micro(value);
}

/** Every column, in the order of an export without a choice. */
export const COLUMNS: readonly Column[] = [
  column('id', 'string', 'The request’s id.', ({ summary }) => summary.id),
  column('time', 'timestamp', 'When it came.', ({ summary }) => isoTime(summary.time)),
  column('status', 'int64', 'The status of the answer.', ({ summary }) => summary.status),
  column('outcome', 'string', 'Whose failure it was, or success.', ({ summary }) => summary.outcome),
  column('surface', 'string', 'What the client spoke.', ({ summary }) => summary.surface),
  column('operation', 'string', 'What was asked for.', ({ summary }) => summary.operation),
  column('endpoint', 'string', 'The endpoint.', ({ summary }) => summary.endpoint),
  column('route', 'string', 'The traffic route that chose it.', ({ record }) => record.route),
  column('provider', 'string', 'Who served it.', ({ summary }) => summary.provider),
  column('model', 'string', 'The model as configured.', ({ summary }) => summary.model),
  column('served_model', 'string', 'The model as the provider says.', ({ summary }) => summary.servedModel),
  column('key', 'string', 'The name of the key.', ({ summary }) => summary.key),
  column('user', 'string', 'The user, as the request says.', ({ summary }) => summary.user),
  column('team', 'string', 'The team.', ({ summary }) => summary.team),
  column('tags', 'string', 'The tags, an object as JSON text.', ({ summary }) => JSON.stringify(summary.tags)),
  column('stream', 'boolean', 'The answer was a stream.', ({ summary }) => summary.stream),
  column('client_closed', 'boolean', 'The client left.', ({ summary }) => summary.clientClosed),
  column('finish_reason', 'string', 'Why the model stopped.', ({ summary }) => summary.finishReason),
  column('error_code', 'string', 'What failed.', ({ summary }) => summary.errorCode),
  column('error_message', 'string', 'In words.', ({ summary }) => summary.errorMessage),
  column('attempts', 'int64', 'Calls of upstreams.', ({ summary }) => summary.attempts),
  column('duration_ms', 'double', 'Milliseconds in all.', ({ summary }) => micro(summary.duration)),
  column('first_token_ms', 'double', 'Until the first token.', ({ summary }) => rounded(summary.firstToken)),
  column('overhead_ms', 'double', 'The gateway’s own share.', ({ summary }) => micro(summary.overhead)),
  column('tokens_per_second', 'double', 'Of a stream.', ({ summary }) => rounded(summary.tokensPerSecond)),
  tokens('prompt_tokens', 'prompt'),
  tokens('completion_tokens', 'completion'),
  tokens('total_tokens', 'total'),
  tokens('input_tokens', 'input'),
  tokens('cache_read_tokens', 'cacheRead'),
  tokens('cache_write_tokens', 'cacheWrite'),
  tokens('cache_write_long_tokens', 'cacheWriteLong'),
  tokens('input_audio_tokens', 'inputAudio'),
  tokens('input_image_tokens', 'inputImage'),
  tokens('output_tokens', 'output'),
  tokens('reasoning_tokens', 'reasoning'),
  tokens('output_audio_tokens', 'outputAudio'),
  tokens('output_image_tokens', 'outputImage'),
  column('usage_source', 'string', 'Who counted the tokens.', ({ summary }) => summary.usageSource),
  column('cost_usd', 'decimal', 'US dollars; nothing where it is not known.', ({ summary }) => summary.cost),
  column('unpriced', 'boolean', 'Used something without a price.', ({ summary }) => summary.unpriced),
  column('price_source', 'string', 'Where the prices are from.', ({ pricing }) => pricing.source),
  column('provider_cost_usd', 'decimal', 'What the provider says.', ({ record }) => record.providerCost),
  column('service_tier', 'string', 'The price class.', ({ record }) => record.serviceTier),
  column('changes', 'string', 'What the provider could not take.', ({ record }) => record.changes),
  column('address', 'string', 'The client’s address.', ({ summary }) => summary.address),
  column('user_agent', 'string', 'The client’s program.', ({ summary }) => summary.userAgent),
  column('trace_id', 'string', 'The trace that it belongs to.', ({ summary }) => summary.traceId),
  column('request_bytes', 'int64', 'Of the body.', ({ summary }) => summary.requestBytes),
  column('response_bytes', 'int64', 'Of the answer.', ({ summary }) => summary.responseBytes),
  column('node', 'string', 'The process that served it.', ({ record }) => record.node),
  column('payload', 'boolean', 'Its texts are kept.', ({ summary }) => summary.payload),
];

const MOST_TAG_CHARACTERS = 64;

/** The columns of these names; `tag.<name>` is a column too. Throws an ApiError. */
export function chooseColumns(names: readonly string[] | undefined): readonly Column[] {
  if (names === undefined || names.length === 0) return COLUMNS;
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw invalid('columns', `The column '${shown(repeated)}' is named twice.`);
  return names.map((name) => {
    const known = COLUMNS.find((candidate) => candidate.name === name) ?? tagColumn(name);
    if (known !== null) return known;
    const hint = `one of ${COLUMNS.map((candidate) => candidate.name).join(', ')}, or tag.<name>`;
    throw invalid('columns', `There is no column '${shown(name)}'.`, hint);
  });
}

function tagColumn(name: string): Column | null {
  const tag = /^tag[.:](.+)$/.exec(name)?.[1];
  if (tag === undefined || tag.length > MOST_TAG_CHARACTERS) return null;
  return column(`tag.${tag}`, 'string', 'A tag.', ({ summary: { tags } }) =>
    Object.hasOwn(tags, tag) ? (tags[tag] ?? null) : null,
  );
}
