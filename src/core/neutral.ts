import type { JsonObject } from './types.ts';

/**
 * The neutral shape between a client's dialect and a provider with a wire format of its own. Settings keep the names
 * of OpenAI's API, the field's common tongue; what nobody knows travels in `rest`.
 */
export interface NeutralMessage {
  readonly role: string;
  /** Text, a list of content parts, or null beside tool calls. */
  readonly content: unknown;
  readonly rest: JsonObject;
}

export interface NeutralChatRequest {
  readonly operation: 'chat';
  readonly messages: readonly NeutralMessage[];
  readonly stream: boolean;
  /** Every other field of the request: `temperature`, `max_tokens`, `n`, `tools`, and unknown ones. */
  readonly rest: JsonObject;
}

export interface NeutralCompletionsRequest {
  readonly operation: 'completions';
  readonly prompt: unknown;
  readonly stream: boolean;
  readonly rest: JsonObject;
}

export interface NeutralEmbeddingsRequest {
  readonly operation: 'embeddings';
  readonly input: readonly unknown[];
  readonly rest: JsonObject;
}

export type NeutralRequest = NeutralChatRequest | NeutralCompletionsRequest | NeutralEmbeddingsRequest;

/** Tokens as the provider counted them; null where it does not say. */
export interface TokenCounts {
  readonly prompt: number | null;
  readonly completion: number | null;
  readonly total: number | null;
}

export interface NeutralTextResponse {
  readonly operation: 'chat' | 'completions';
  readonly id: string | null;
  readonly model: string | null;
  readonly choices: ReadonlyArray<{ readonly text: string | null; readonly finishReason: string | null }>;
  readonly usage: TokenCounts;
}

export interface NeutralEmbeddingsResponse {
  readonly operation: 'embeddings';
  readonly model: string | null;
  readonly embeddings: ReadonlyArray<readonly number[] | string>;
  readonly usage: TokenCounts;
}

export type NeutralResponse = NeutralTextResponse | NeutralEmbeddingsResponse;
