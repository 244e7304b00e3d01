import type { GatewayError } from '../core/errors.ts';
import type { Usage } from '../core/neutral/usage.ts';
import type { AnswerFacts } from '../dialects/dialect.ts';

/** Turns one streamed upstream body into what the client gets. */
export interface StreamConverter {
  readonly usage: Usage | null;
  readonly facts: AnswerFacts;
  /** The answer is whole; nothing after it counts. */
  readonly complete: boolean;
  /** Why the stream cannot go on, or null. */
  readonly failure: GatewayError | null;
  /**
   * What the client gets for the next bytes, as Latin-1 text: one character is one byte. Null is the end of the body,
   * after which the stream is either complete or failed. Never throws.
   */
  take(bytes: Uint8Array | null): string;
  /** What ends the client's stream with an error, where that hangs on what was sent; null where it does not. */
  fail(error: GatewayError): string | null;
}
