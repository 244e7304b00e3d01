/** The one table of the management API's errors: code → HTTP status. */
export const API_ERRORS = {
  invalid_parameter: 400,
  /** The filter cannot be read; `position` and `length` say which term. */
  invalid_filter: 400,
  invalid_body: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  payload_not_kept: 404,
  body_too_large: 413,
  too_many_requests: 429,
  internal: 500,
  /** Nothing is kept: `ledger.database` is `off`. */
  ledger_off: 503,
  ledger_unavailable: 503,
  draining: 503,
  query_timeout: 504,
} as const satisfies Record<string, number>;

export type ApiErrorCode = keyof typeof API_ERRORS;

export interface ApiErrorOptions {
  /** What to do about it. */
  readonly hint?: string;
  /** The parameter at fault. */
  readonly field?: string;
  /** Where in the parameter, in characters. */
  readonly position?: number;
  readonly length?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An answer of the management API that is an error. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly options: ApiErrorOptions;

  constructor(code: ApiErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = API_ERRORS[code];
    this.options = options;
  }

  /** The body of the answer. */
  body(requestId: string): ErrorBody {
    const { hint, field, position, length } = this.options;
    return {
      code: this.code,
      message: this.message,
      hint: hint ?? null,
      ...(field !== undefined && { field }),
      ...(position !== undefined && { position, length: length ?? 0 }),
      request_id: requestId,
    };
  }
}

export interface ErrorBody {
  readonly code: ApiErrorCode;
  readonly message: string;
  readonly hint: string | null;
  readonly field?: string;
  readonly position?: number;
  readonly length?: number;
  readonly request_id: string;
}

export function invalid(field: string, message: string, hint?: string): ApiError {
  return new ApiError('invalid_parameter', message, { field, ...(hint !== undefined && { hint }) });
}
