import { RequestIds } from '../core/ledger/request-id.ts';
import type { Secret } from '../core/secret.ts';
import { authenticate } from './access.ts';
import { ApiError } from './api-error.ts';
import { FailureBound } from './failures.ts';
import {
  type AdminAnswer,
  type AdminRequest,
  type AdminRoute,
  type AdminSources,
  API_BASE,
  type Principal,
} from './route.ts';

/** Questions that are answered at the same time, and streams that are open, in one worker. */
const MOST_QUESTIONS = 64;
const MOST_STREAMS = 64;

export interface AdminApiOptions {
  /** Of the configuration in force. */
  token(): Secret | null;
  /** What a call is answered from; asked for by each. */
  sources(): AdminSources;
  /** An error that nobody foresaw: the caller is told nothing of it. */
  failed(error: unknown, path: string, requestId: string): void;
}

export function isAdminPath(path: string): boolean {
  return path === API_BASE || path.startsWith(`${API_BASE}/`);
}

/** The management API: who may, which route, and the shape of every error. */
export class AdminApi {
  readonly #options: AdminApiOptions;
  readonly #ids = new RequestIds();
  readonly #failures = new FailureBound();
  #questions = 0;
  #streams = 0;

  constructor(options: AdminApiOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async answer(request: AdminRequest): Promise<AdminAnswer> {
    const now = Date.now();
    const requestId = this.#ids.next(now);
    try {
      const answer = await this.#answer(request, requestId, now);
      return { ...answer, headers: { ...FIXED_HEADERS, ...answer.headers, 'x-request-id': requestId } };
    } catch (error) {
      return this.refusal(asApiError(error), requestId, () => this.#options.failed(error, request.path, requestId));
    }
  }

  /** An error as an answer, also for what happens before a call gets here. */
  refusal(error: ApiError, requestId = this.#ids.next(Date.now()), report?: () => void): AdminAnswer {
    if (error.code === 'internal') report?.();
    return {
      status: error.status,
      headers: {
        ...FIXED_HEADERS,
        'content-type': 'application/json',
        ...error.options.headers,
        'x-request-id': requestId,
      },
      body: JSON.stringify(error.body(requestId)),
    };
  }

  async #answer(request: AdminRequest, requestId: string, now: number): Promise<AdminAnswer> {
    const sources = this.#options.sources();
    // Before the path is looked at, so that a stranger does not learn what there is.
    const principal = this.#authenticate(request, sources, requestId, now);
    // The shapes of all answers: loaded by the first call, for many gateways never have one.
    const { findRoute } = await import('./routes.ts');
    const found = findRoute(request.method, request.path);
    if (found === null) {
      throw new ApiError('not_found', `There is no '${request.path.slice(0, 100)}'.`, {
        hint: `GET ${API_BASE}/openapi.json tells what there is`,
      });
    }
    if ('allowed' in found) {
      const allow = found.allowed.join(', ');
      throw new ApiError('method_not_allowed', `This path takes ${allow}.`, { headers: { allow } });
    }
    const { route, path } = found;
    if (!principal.permissions.has(route.permission)) {
      throw new ApiError('forbidden', `This needs the permission '${route.permission}'.`);
    }
    return this.#bounded(route, request.method === 'HEAD', () =>
      route.handle({ path, request, principal, sources, requestId, now }),
    );
  }

  #authenticate(request: AdminRequest, sources: AdminSources, requestId: string, now: number): Principal {
    try {
      return authenticate(request, this.#options.token());
    } catch (error) {
      const noted = error instanceof ApiError ? this.#failures.admit(now) : null;
      if (noted !== null && error instanceof ApiError) {
        sources.audit?.record({
          actor: 'unknown',
          address: request.address,
          action: 'signin.fail',
          object: `${request.method} ${request.path.slice(0, 200)}`,
          outcome: 'denied',
          details: { code: error.code, request_id: requestId, ...(noted.left > 0 && { not_noted_before: noted.left }) },
        });
      }
      throw error;
    }
  }

  async #bounded(route: AdminRoute, isHead: boolean, run: () => Promise<AdminAnswer>): Promise<AdminAnswer> {
    const isStream = route.answer.type === 'stream';
    if ((isStream ? this.#streams : this.#questions) >= (isStream ? MOST_STREAMS : MOST_QUESTIONS)) {
      throw new ApiError('too_many_requests', 'Too many calls of the management API are under way.', {
        headers: { 'retry-after': '1' },
        hint: isStream ? 'end a tail or an export that is no longer needed' : 'ask again in a moment',
      });
    }
    if (!isStream) {
      this.#questions += 1;
      return run().finally(() => {
        this.#questions -= 1;
      });
    }
    this.#streams += 1;
    const ended = () => {
      this.#streams -= 1;
    };
    try {
      const answer = await run();
      if (typeof answer.body !== 'string' && !isHead) return { ...answer, body: counted(answer.body, ended) };
      ended();
      return isHead ? { ...answer, body: '' } : answer;
    } catch (error) {
      ended();
      throw error;
    }
  }
}

/** Nothing of this is for a cache or another site, and none of it is a page. */
const FIXED_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;

async function* counted(body: AsyncIterable<string>, ended: () => void): AsyncGenerator<string> {
  try {
    yield* body;
  } finally {
    ended();
  }
}

/** The database does not answer, or was written by another version, which the message says. */
const UNAVAILABLE: ReadonlySet<string> = new Set(['LedgerUnavailable', 'DatabaseTooNew', 'DatabaseTooOld']);

/** By their names: an error that came from another thread has lost its class. */
function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const name = error instanceof Error ? error.name : '';
  const message = error instanceof Error ? error.message : '';
  if (UNAVAILABLE.has(name)) {
    return new ApiError('ledger_unavailable', message || 'The database does not answer now.', {
      hint: 'requests are served and recorded meanwhile; ask again later',
      headers: { 'retry-after': '5' },
      cause: error,
    });
  }
  if (name === 'QueryRefused') return new ApiError('invalid_parameter', message, { cause: error });
  if (name === 'TimeoutError') {
    return new ApiError('query_timeout', 'The question took too long.', {
      hint: 'ask for a shorter range, or with fewer terms',
      cause: error,
    });
  }
  return new ApiError('internal', 'The gateway failed inside.', {
    hint: 'its log has more, under this request id',
    cause: error,
  });
}
