import type { Changes } from '../core/neutral/changes.ts';
import type { NeutralChatRequest, NeutralRequest } from '../core/neutral/request.ts';
import type { NeutralChunk, NeutralResponse } from '../core/neutral/response.ts';
import type { ToolNameRule } from '../core/neutral/tool-names.ts';
import type { JsonObject } from '../core/types.ts';
import type { Framing } from '../upstream/framing/framing.ts';

/** A provider's own wire format for one operation. */
export interface Wire {
  /** The names that the API takes for tools: others are changed on the way there and back. Absent: it has no tools. */
  readonly toolNames?: ToolNameRule;
  /**
   * The upstream's JSON body. Throws a GatewayError (422) for what the provider cannot take, and notes in `changes`
   * what it can take only in part.
   */
  encode(request: NeutralRequest, changes: Changes): JsonObject;
  /** Reads the upstream's JSON answer, given parsed and as text. Throws a GatewayError (`upstream_invalid`) for one that has another shape. */
  decode(body: unknown, text: string): NeutralResponse;
  /** Reads the provider's count of a request's tokens, where a target has a place to ask for one; `encode` makes the question. */
  readonly count?: {
    encode(request: NeutralChatRequest, changes: Changes): JsonObject;
    decode(body: unknown): number;
  };
  /** Absent where the provider cannot stream: such a request is answered with 501. */
  readonly stream?: StreamWire;
}

export interface StreamWire {
  /** How the upstream cuts its answer into events. Each event is one JSON object. */
  readonly framing: Framing;
  /** A reader for one answer. */
  read(): ChunkReader;
}

/** Reads one streamed answer, event by event. */
export interface ChunkReader {
  /**
   * What the event means, or null when it means nothing to a client. `name` is the event's type where the framing has
   * one outside the JSON (`event:` of SSE, `:event-type` of AWS), else empty. Throws a GatewayError for an event that
   * reports an error, or whose shape cannot be understood.
   */
  event(data: JsonObject, name: string): NeutralChunk | null;
  /** True once the provider's terminal event was seen. `[DONE]` of SSE counts by itself. */
  readonly complete: boolean;
  /** For APIs without a terminal event: whether the answer was whole when its body ended here. Absent: it was not. */
  isWholeAtEnd?(): boolean;
}
