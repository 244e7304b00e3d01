import type { GatewayError } from '../core/errors.ts';
import type { NeutralRequest } from '../core/neutral/request.ts';
import type { NeutralChunk, NeutralResponse } from '../core/neutral/response.ts';
import type { Usage } from '../core/neutral/usage.ts';
import type { DialectName, JsonObject, Operation } from '../core/types.ts';

/** What encoding an answer needs to know of the endpoint that gave it. */
export interface AnswerContext {
  readonly operation: Operation;
  /** The provider's canonical name; MLflow's answers show it. */
  readonly provider: string;
  /** The configured model, for answers in which the upstream does not name one. */
  readonly model: string | null;
}

/** A request after the dialect's checks. */
export interface CheckedRequest {
  readonly body: JsonObject;
  /** Fields whose value must be replaced before the request goes upstream, or null. */
  readonly replacements: ReadonlyMap<string, unknown> | null;
  /** Whether the client asks for a stream. */
  readonly streams: boolean;
}

/** What the gateway reads from the side of an answer that it passes on. */
export interface StreamReading {
  usage: Usage | null;
  /** The terminal event came: the answer is whole. */
  complete: boolean;
  /** The chunk in which the upstream reported an error, `{"error": …}`; nothing after it counts. */
  error: JsonObject | null;
}

/** Rewrites one stream of OpenAI events for a client. Text in and out is Latin-1: one character is one byte. */
export interface StreamRewriter {
  readonly reading: StreamReading;
  /** Takes whole events (each with its blank line) and returns what the client gets. */
  rewrite(events: string): string;
}

/** Writes one neutral stream in the client's format. Text out is Latin-1: one character is one byte. */
export interface ChunkEncoder {
  /** The events of a chunk, each with its blank line; empty when the client needs to hear nothing. */
  chunk(chunk: NeutralChunk): string;
  /** What closes a stream that came to its proper end. */
  end(): string;
}

/** A wire format that a client speaks. One folder below `dialects/` each. */
export interface Dialect {
  readonly name: DialectName;
  /**
   * Checks a parsed body. Throws a GatewayError that says which field is wrong. With `takesModelParameter`, a `model`
   * in the body is a parameter of the upstream.
   */
  check(operation: Operation, body: unknown, takesModelParameter: boolean): CheckedRequest;
  /** The neutral shape of a checked request, for providers with a wire format of their own. */
  decode(operation: Operation, request: CheckedRequest): NeutralRequest;
  /** The JSON text of a neutral answer. Some of it hangs on what the client asked for, such as the form of embeddings. */
  encode(response: NeutralResponse, context: AnswerContext, request: CheckedRequest): string;
  /** An encoder for one stream. */
  encodeStream(context: AnswerContext, request: CheckedRequest): ChunkEncoder;
  /** Turns an OpenAI answer, given parsed and as text, into the client's: its own text where nothing must change. */
  answer(upstream: JsonObject, text: string, context: AnswerContext): string;
  stream(context: AnswerContext): StreamRewriter;
  /** The JSON text of an error answer. */
  error(error: GatewayError): string;
  /** The bytes that end a stream which failed after it began. */
  streamError(error: GatewayError): string;
}
