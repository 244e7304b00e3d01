import type { JsonObject } from '../types.ts';
import type { NeutralPart } from './parts.ts';

export interface NeutralMessage {
  /** `system`, `developer`, `user`, `assistant` or `tool`; another one is kept as the client wrote it. */
  readonly role: string;
  /** Empty for a message without content. A `tool` message holds exactly one tool result. */
  readonly parts: readonly NeutralPart[];
  /** Unknown fields of the message, such as `name`. */
  readonly rest: JsonObject;
}

export interface NeutralTool {
  readonly name: string;
  readonly description?: string;
  /** A JSON Schema, verbatim. */
  readonly parameters?: JsonObject;
  readonly strict?: boolean;
  /**
   * Absent but for a tool that the model is to know only when a search of the client's has found it (`defer_loading`, which
   * is in `rest` as well): whether that is still to come.
   */
  readonly deferred?: boolean;
  readonly cacheControl?: JsonObject;
  readonly rest?: JsonObject;
}

/** A tool that is no function, for example one that the provider itself runs; as the client wrote it. */
export interface OtherTool {
  readonly other: JsonObject;
  /** The model is not to have it for this answer: it is not sent, and nothing is lost by that. */
  readonly withheld?: true;
}

export type ToolChoice = 'none' | 'auto' | 'required' | { readonly name: string };

/** OpenAI's `response_format`: https://platform.openai.com/docs/api-reference/chat/create */
export type ResponseFormat =
  | { readonly type: 'text' | 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly json_schema: { readonly name?: string; readonly schema?: JsonObject; readonly strict?: boolean };
    };

/**
 * How much a model should think. Absent fields were not said. A client's `thinking` or `reasoning` object that says more
 * than this is in the request's `rest` as well, whole.
 */
export interface ReasoningSettings {
  /** OpenAI's `minimal`, `low`, `medium`, `high`… */
  readonly effort?: string;
  /** `effort` is about the whole answer and does not ask for thoughts, as Anthropic's `output_config.effort`. */
  readonly effortAlone?: true;
  /** Anthropic's `thinking.type`: `enabled`, `disabled` or `adaptive`. */
  readonly mode?: string;
  readonly budgetTokens?: number;
  /** Gemini's `includeThoughts`: whether the client wants to read the thoughts. Only its dialect says so. */
  readonly visible?: boolean;
}

/**
 * The settings of a generation, under the names of OpenAI's API, the field's common tongue; those that were not given
 * are absent, never null.
 */
export interface GenerationSettings {
  readonly n?: number;
  readonly stop?: readonly string[];
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly presence_penalty?: number;
  readonly frequency_penalty?: number;
}

interface RequestBase {
  /**
   * On MLflow's surfaces temperatures are scaled and unknown fields pass as MLflow's gateway does it, because its users
   * rely on that. On all others a value is passed on as it is, within the range of the provider's API.
   */
  readonly surface: 'mlflow' | 'standard';
  /** Every further field of the body, verbatim: `seed`, `logprobs`, `metadata`, `user`, unknown ones. */
  readonly rest: JsonObject;
}

export interface NeutralChatRequest extends RequestBase {
  readonly operation: 'chat';
  readonly messages: readonly NeutralMessage[];
  readonly tools: ReadonlyArray<NeutralTool | OtherTool>;
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly responseFormat?: ResponseFormat;
  readonly reasoning?: ReasoningSettings;
  readonly settings: GenerationSettings;
  readonly stream: boolean;
}

export interface NeutralCompletionsRequest extends RequestBase {
  readonly operation: 'completions';
  /** A text on every surface but OpenAI's, which also has lists. */
  readonly prompt: unknown;
  readonly settings: GenerationSettings;
  readonly stream: boolean;
}

export interface NeutralEmbeddingsRequest extends RequestBase {
  readonly operation: 'embeddings';
  /** Never empty: texts, or lists of token numbers. */
  readonly input: readonly unknown[];
}

export type NeutralRequest = NeutralChatRequest | NeutralCompletionsRequest | NeutralEmbeddingsRequest;
