/** The port cannot be had. */
export class ListenError extends Error {
  /** The system's, such as `EADDRINUSE`; null where it gives none. */
  readonly code: string | null;

  constructor(message: string, code: string | null) {
    super(message);
    this.code = code;
  }

  static from(error: unknown): ListenError {
    const { message, code } = error as { message?: unknown; code?: unknown };
    return new ListenError(String(message ?? error), typeof code === 'string' ? code : null);
  }
}
