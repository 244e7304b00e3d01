/** What an endpoint does. MLflow writes it as `llm/v1/<operation>`. */
export type Operation = 'chat' | 'completions' | 'embeddings';

export type EndpointType = `llm/v1/${Operation}`;

export type JsonObject = { [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The wire formats of the field. An upstream that speaks a client's own gets the client's bytes. */
export type WireFormat = 'openai' | 'responses' | 'anthropic' | 'gemini';

/** What a client can speak. MLflow's dialect is OpenAI's format with checks, additions and errors of its own. */
export type DialectName = 'mlflow' | WireFormat;

/** What a client wants of a chat endpoint: an answer, or to know how many tokens its request would cost. */
export type Action = 'generate' | 'count-tokens';

/** A request limit of an endpoint, as MLflow's configuration states it. */
export interface Limit {
  readonly calls: number;
  /** What callers are counted by: null or `ip` for the client's address, `global`, or `header:<name>`. */
  readonly key: string | null;
  /** For example `minute` or `5 minutes`. */
  readonly renewalPeriod: string;
}
