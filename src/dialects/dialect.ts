import type { GatewayError } from '../core/errors.ts';
import type { FieldNames } from '../core/neutral/changes.ts';
import type { NeutralRequest } from '../core/neutral/request.ts';
import type { NeutralChunk, NeutralResponse } from '../core/neutral/response.ts';
import type { Usage } from '../core/neutral/usage.ts';
import type { Action, DialectName, JsonObject, Operation, WireFormat } from '../core/types.ts';

/** What encoding an answer needs to know of the endpoint that gave it. */
export interface AnswerContext {
  readonly operation: Operation;
  /** The provider's canonical name; MLflow's answers show it. */
  readonly provider: string;
  /** The configured model, for answers in which the upstream does not name one. */
  readonly model: string | null;
}

/** What the path of a request says beside the endpoint. */
export interface RequestPath {
  readonly action: Action;
  /** Whether the answer is to be streamed; null where the body says so. */
  readonly streams: boolean | null;
  /** How a stream is framed: server-sent events, or the elements of one JSON list (Gemini without `alt=sse`). */
  readonly framing: 'sse' | 'json-list';
  /** The client asks for one embedding or for many, where that is another path; null elsewhere. */
  readonly batch: boolean | null;
}

/** A path that says nothing beside the endpoint. */
export const PLAIN_PATH: RequestPath = { action: 'generate', streams: null, framing: 'sse', batch: null };

/** A request after the dialect's checks. */
export interface CheckedRequest {
  readonly path: RequestPath;
  readonly body: JsonObject;
  /** Fields whose value must be replaced before the request goes upstream, or null. */
  readonly replacements: ReadonlyMap<string, unknown> | null;
  /** Whether the client asks for a stream. */
  readonly streams: boolean;
}

/** What an answer says of itself beside its content. Whoever reads an answer fills it in; null is what it does not say. */
export interface AnswerFacts {
  servedModel: string | null;
  /** Of the first choice, in OpenAI's words. */
  finishReason: string | null;
}

/** What a body says of who asks. */
export interface BodyCaller {
  readonly user?: unknown;
  /** Labels that the client gave the request. */
  readonly metadata?: unknown;
}

/** What the gateway reads from the side of an answer that it passes on. */
export interface StreamReading {
  usage: Usage | null;
  readonly facts: AnswerFacts;
  /** The terminal event came: the answer is whole. */
  complete: boolean;
  /** The chunk in which the upstream reported an error, `{"error": …}`; nothing after it counts. */
  error: JsonObject | null;
  /** The status that the error would have had as an answer of its own, where the format's words tell. */
  errorStatus?: number;
}

/** Rewrites one stream of server-sent events for a client. Text in and out is Latin-1: one character is one byte. */
export interface StreamRewriter {
  readonly reading: StreamReading;
  /** Takes whole events (each with its blank line) and returns what the client gets. */
  rewrite(events: string): string;
  /** For APIs without a terminal event: whether the answer was whole when its body ended here. Absent: it was not. */
  isWholeAtEnd?(): boolean;
  /** What closes the client's stream once `isWholeAtEnd` said so. */
  end?(): string;
  /** What ends the stream that failed, where that hangs on what the client was sent. Absent: `streamError`. */
  fail?(error: GatewayError): string;
}

/** Writes one neutral stream in the client's format. Text out is Latin-1: one character is one byte. */
export interface ChunkEncoder {
  /** The events of a chunk, each with its blank line; empty when the client needs to hear nothing. */
  chunk(chunk: NeutralChunk): string;
  /** What closes a stream that came to its proper end. */
  end(): string;
  /** What ends one that failed, where that hangs on what the client was sent. Absent: `streamError`. */
  fail?(error: GatewayError): string;
}

/** A wire format that a client speaks. One folder below `dialects/` each. */
export interface Dialect {
  readonly name: DialectName;
  /** The format of the answers that it can pass on. */
  readonly format: WireFormat;
  /**
   * Parses a body, for a dialect with errors of its own for what is no JSON. `isJson` is what the content type says.
   * Absent: any body is read as JSON.
   */
  parse?(text: string, isJson: boolean): unknown;
  /**
   * Checks a parsed body. Throws a GatewayError that says which field is wrong. With `takesModelParameter`, a `model`
   * in the body is a parameter of the upstream.
   */
  check(operation: Operation, body: unknown, takesModelParameter: boolean, path: RequestPath): CheckedRequest;
  /**
   * The neutral shape of a checked request, for providers with a wire format of their own. With the context of the
   * endpoint that will get it, what another provider signed or encrypted in an earlier answer is kept from this one.
   */
  decode(operation: Operation, request: CheckedRequest, context?: AnswerContext): NeutralRequest;
  /**
   * How the client itself names what its request has under neutral names; the wires note their losses in these. Absent:
   * the same. It is asked for only where there is something to name, so it may take its time.
   */
  fieldNames?(operation: Operation, request: CheckedRequest, context?: AnswerContext): FieldNames;
  /** The JSON text of a neutral answer. Some of it hangs on what the client asked for, such as the form of embeddings. */
  encode(response: NeutralResponse, context: AnswerContext, request: CheckedRequest): string;
  /** An encoder for one stream. */
  encodeStream(context: AnswerContext, request: CheckedRequest): ChunkEncoder;
  /** The JSON text of a count of a request's tokens. Absent where the dialect has no such call. */
  encodeCount?(tokens: number): string;
  /** What an answer in the dialect's format says of usage; null where it says nothing. */
  readUsage(answer: JsonObject): Usage | null;
  readFacts(answer: JsonObject, facts: AnswerFacts): void;
  /** Null for a body that says nothing of it, as most. */
  readCaller(body: JsonObject): BodyCaller | null;
  /** Turns an answer in the dialect's format, given parsed and as text, into the client's: its own text where nothing must change. */
  answer(upstream: JsonObject, text: string, context: AnswerContext): string;
  /** Reads, and where it must rewrites, a stream in the dialect's format; the client gets it framed as its path says. */
  stream(context: AnswerContext, path: RequestPath): StreamRewriter;
  /** The JSON text of an error answer. */
  error(error: GatewayError): string;
  /** The bytes that end a stream which failed after its first event, framed as the path says. */
  streamError(error: GatewayError, path: RequestPath): string;
}
