/** What Mistral's API knows; it refuses a request with anything else. https://docs.mistral.ai/api/endpoint/chat */
export const CHAT_FIELDS: ReadonlySet<string> = new Set([
  'frequency_penalty',
  'guardrails',
  'max_tokens',
  'messages',
  'metadata',
  'model',
  'n',
  'parallel_tool_calls',
  'prediction',
  'presence_penalty',
  'prompt_cache_key',
  'prompt_mode',
  'random_seed',
  'reasoning_effort',
  'response_format',
  'safe_prompt',
  'stop',
  'stream',
  'temperature',
  'tool_choice',
  'tools',
  'top_p',
]);

/** https://docs.mistral.ai/api/endpoint/embeddings */
export const EMBEDDING_FIELDS: ReadonlySet<string> = new Set([
  'encoding_format',
  'input',
  'metadata',
  'model',
  'output_dimension',
  'output_dtype',
]);

/** Completions go to the chat; of its fields, these beyond OpenAI's settings make sense for one prompt. */
export const COMPLETION_FIELDS: ReadonlySet<string> = new Set([
  'guardrails',
  'metadata',
  'prompt_cache_key',
  'prompt_mode',
  'random_seed',
  'reasoning_effort',
  'safe_prompt',
]);

/** https://docs.mistral.ai/api/endpoint/fim */
export const INFILL_FIELDS: ReadonlySet<string> = new Set([
  'metadata',
  'min_tokens',
  'prompt_cache_key',
  'random_seed',
  'suffix',
]);

export const HIGHEST_TEMPERATURE = 1.5;
