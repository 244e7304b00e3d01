/** The one table of errors: code → HTTP status, and whether another attempt may help. */
export const ERRORS = {
  invalid_request: { status: 400, retryable: false },
  invalid_body: { status: 422, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  body_too_large: { status: 413, retryable: false },
  unsupported_encoding: { status: 415, retryable: false },
  rate_limited: { status: 429, retryable: false },
  client_closed: { status: 499, retryable: false },
  internal: { status: 500, retryable: false },
  not_implemented: { status: 501, retryable: false },
  /** The gateway has been told to stop. */
  draining: { status: 503, retryable: false },
  upstream_unreachable: { status: 502, retryable: true },
  upstream_invalid: { status: 502, retryable: true },
  upstream_timeout: { status: 504, retryable: true },
  /** The upstream answered with an error of its own; the status is the upstream's. */
  upstream_error: { status: 502, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

export interface GatewayErrorOptions {
  /** Overrides the status of the table: the upstream's own. */
  readonly status?: number;
  /** What MLflow puts under `detail` when it is more than a message: a list of field errors, or an upstream's JSON. */
  readonly detail?: unknown;
  /** The request field at fault, for the OpenAI shape. */
  readonly parameter?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
  /** The upstream's own error body, so that a client of the same dialect gets its code and type unchanged. */
  readonly upstreamBody?: unknown;
  /** The provider's own name for the error, for example `overloaded_error` or `ThrottlingException`. */
  readonly upstreamType?: string | null;
}

/** An answer that is an error. Each dialect encodes it in its own shape. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: unknown;
  readonly parameter: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly upstreamBody: unknown;
  readonly upstreamType: string | null;

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.status = options.status ?? ERRORS[code].status;
    this.detail = options.detail ?? message;
    this.parameter = options.parameter ?? null;
    this.headers = options.headers ?? {};
    this.upstreamBody = options.upstreamBody;
    this.upstreamType = options.upstreamType ?? null;
  }
}
