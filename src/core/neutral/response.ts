import type { JsonObject } from '../types.ts';
import type { NeutralPart } from './parts.ts';
import type { Usage } from './usage.ts';

/** Why a model stopped, in OpenAI's words: `stop`, `length`, `tool_calls`, `content_filter`. */
export interface Finish {
  readonly reason: string;
  /** The provider's own word, for example `end_turn`, `MAX_TOKENS` or `SAFETY`. */
  readonly native?: string;
  /** What MLflow's gateway answers where that is another word than `reason`. */
  readonly mlflow?: string | null;
  /** The stop sequence that was met. */
  readonly stopSequence?: string;
}

export interface NeutralChoice {
  /** Who speaks, where the provider names another than `assistant`. */
  readonly role?: string;
  /** Text, reasoning, tool calls, refusals, images, audio. Empty for an answer without content. */
  readonly parts: readonly NeutralPart[];
  /** Null where the provider does not say. */
  readonly finish: Finish | null;
  /** The choice's further fields in OpenAI's terms, such as `logprobs`. */
  readonly rest?: JsonObject;
  /** A choice without content, which MLflow's gateway leaves out. */
  readonly mlflowOmits?: true;
}

export interface NeutralTextResponse {
  readonly operation: 'chat' | 'completions';
  readonly id: string | null;
  /** Null where the provider does not name it: the configured model then. */
  readonly model: string | null;
  /** Seconds since 1970; absent where the provider does not say. */
  readonly created?: number;
  readonly choices: readonly NeutralChoice[];
  readonly usage: Usage | null;
  /** Further fields of the answer in OpenAI's terms, such as `service_tier`. */
  readonly rest?: JsonObject;
}

export interface NeutralEmbeddingsResponse {
  readonly operation: 'embeddings';
  readonly model: string | null;
  /** Each a list of numbers, or base64 where the client asked for that and the provider has it. */
  readonly embeddings: ReadonlyArray<readonly number[] | string>;
  readonly usage: Usage | null;
  readonly rest?: JsonObject;
}

export type NeutralResponse = NeutralTextResponse | NeutralEmbeddingsResponse;

/** A piece of a tool call: `id` and `name` come with the first piece, `arguments` grow from piece to piece. */
export interface ToolCallDelta {
  /** The ordinal of the call within its choice, from 0. */
  readonly index: number;
  readonly id?: string;
  readonly name?: string;
  /** The next characters of the JSON text. */
  readonly arguments?: string;
  readonly signature?: string;
}

export interface ReasoningDelta {
  readonly text?: string;
  readonly signature?: string;
  readonly encrypted?: string;
}

export interface ChoiceDelta {
  readonly index: number;
  readonly text?: string;
  readonly reasoning?: ReasoningDelta;
  readonly refusal?: string;
  readonly toolCalls?: readonly ToolCallDelta[];
  /** Parts that come whole: images, audio and parts of other kinds. */
  readonly parts?: readonly NeutralPart[];
  readonly finish?: Finish;
  readonly rest?: JsonObject;
}

/** One event of a streamed answer. A provider says `id` and `model` whenever it knows them; encoders remember. */
export interface NeutralChunk {
  readonly id?: string;
  readonly model?: string;
  readonly created?: number;
  readonly choices: readonly ChoiceDelta[];
  /** The usage so far, cumulative; the last one counts. */
  readonly usage?: Usage;
  /** Further fields of the chunk in OpenAI's terms, such as `service_tier`. */
  readonly rest?: JsonObject;
}
