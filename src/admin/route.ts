import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { CatalogQueries } from '../catalog/search.ts';
import type { LedgerQueries } from '../storage/ledger-queries.ts';
import { ApiError } from './api-error.ts';
import type { AuditSource } from './audit/audit-source.ts';
import { readParameters } from './parameters/parameters.ts';

export const API_BASE = '/api/v1';

/** What a caller may be allowed to. A route names the one that it asks for; without it nobody gets through. */
export const PERMISSIONS = [
  'api:read',
  'usage:read',
  'requests:read',
  'payloads:read',
  'catalog:read',
  'audit:read',
  'audit:verify',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** Who calls, once that is known. */
export interface Principal {
  /** For the audit trail, for example `token` or `local`. */
  readonly name: string;
  readonly address: string;
  readonly permissions: ReadonlySet<Permission>;
}

/** A request to the management API, whatever server it came by. */
export interface AdminRequest {
  readonly method: string;
  /** As sent, without query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** The address of the socket's other end. */
  readonly peer: string;
  /** The client's address, behind trusted proxies the one that they name. */
  readonly address: string;
  header(name: string): string | null;
  /** The body as text. Rejects with an ApiError. */
  body(): Promise<string>;
  /** The caller has left, or the gateway stops. */
  readonly signal: AbortSignal;
}

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream is read no faster than its reader takes it. */
  readonly body: string | AsyncIterable<string>;
}

/** What the answers are made of. */
export interface AdminSources {
  /** Null where nothing is kept. */
  readonly ledger: LedgerQueries | null;
  readonly catalog: CatalogQueries | null;
  readonly audit: AuditSource | null;
}

export interface Call<Parameters> {
  readonly parameters: Parameters;
  /** By their names in the route's path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly request: AdminRequest;
  readonly principal: Principal;
  readonly sources: AdminSources;
  readonly requestId: string;
  /** Milliseconds since 1970: one moment for all of a call. */
  readonly now: number;
}

/** What a call may be answered with. */
export type AnswerKind =
  | { readonly type: 'json'; readonly schema: z.ZodType }
  /** The text of several kinds, for example CSV and lines of JSON. */
  | { readonly type: 'stream'; readonly mediaTypes: readonly string[]; readonly schema?: z.ZodType };

export interface AdminRoute {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`; `{name}` stands for one segment. */
  readonly path: string;
  readonly permission: Permission;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly parameters: z.ZodObject;
  readonly answer: AnswerKind;
  handle(call: Omit<Call<unknown>, 'parameters'>): Promise<AdminAnswer>;
}

type Fixed = Omit<AdminRoute, 'parameters' | 'answer' | 'handle'>;

interface JsonDefinition<Parameters extends z.ZodObject, Answer extends z.ZodType> extends Fixed {
  readonly parameters: Parameters;
  readonly schema: Answer;
  /** Answers with an entity tag, for what changes seldom. */
  readonly isTagged?: boolean;
  handle(call: Call<z.output<Parameters>>): Promise<z.input<Answer>>;
}

/** A route that answers with JSON of a fixed shape. */
export function jsonRoute<Parameters extends z.ZodObject, Answer extends z.ZodType>(
  definition: JsonDefinition<Parameters, Answer>,
): AdminRoute {
  const { parameters, schema, isTagged = false, handle, ...fixed } = definition;
  return {
    ...fixed,
    parameters,
    answer: { type: 'json', schema },
    handle: async (call) => {
      const body = await handle({ ...call, parameters: readParameters(parameters, call.request.query) });
      return jsonAnswer(call.request, JSON.stringify(body), isTagged);
    },
  };
}

interface StreamDefinition<Parameters extends z.ZodObject> extends Fixed {
  readonly parameters: Parameters;
  readonly mediaTypes: readonly string[];
  /** Of the JSON that is answered in place of the stream, where it can be. */
  readonly schema?: z.ZodType;
  handle(call: Call<z.output<Parameters>>): Promise<AdminAnswer>;
}

/** A route that answers with text as it comes. */
export function streamRoute<Parameters extends z.ZodObject>(definition: StreamDefinition<Parameters>): AdminRoute {
  const { parameters, mediaTypes, schema, handle, ...fixed } = definition;
  return {
    ...fixed,
    parameters,
    answer: { type: 'stream', mediaTypes, ...(schema !== undefined && { schema }) },
    handle: (call) => handle({ ...call, parameters: readParameters(parameters, call.request.query) }),
  };
}

export function jsonAnswer(request: AdminRequest, text: string, isTagged: boolean): AdminAnswer {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (!isTagged) return { status: 200, headers, body: text };
  headers.etag = `"${entityTag(text)}"`;
  headers['cache-control'] = 'private, no-cache';
  const known = request.header('if-none-match');
  const isKnown = known?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === headers.etag) ?? false;
  return isKnown ? { status: 304, headers, body: '' } : { status: 200, headers, body: text };
}

function entityTag(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** What is asked of the ledger. Throws where nothing is kept. */
export function ledgerOf({ ledger }: AdminSources): LedgerQueries {
  if (ledger !== null) return ledger;
  throw new ApiError('ledger_off', 'Requests are not kept: the ledger is off.', {
    hint: 'set `ledger.database` in the configuration to a path, or remove it for the default',
  });
}
