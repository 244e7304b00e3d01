/** Counts are the gateway's own estimate where the vendor has no such call. */
const ESTIMATED = ['input_tokens;approximated'];

/** Neither has marks in the prompt for what is worth caching. */
const MARKS = [
  'messages.0.content.1.cache_control;dropped',
  'messages.0.content.2.cache_control;dropped',
  'messages.1.content.1.cache_control;dropped',
];

/** The user's id becomes a hash of it: OpenAI's are shorter. */
const HASHED_USER = ['metadata.user_id;approximated'];

/** A tool that takes free text becomes one with a text as its only argument; the search runs at OpenAI. */
const CODEX_TOOLS = ['tools.2.format;dropped', 'tools.3;dropped'];
const CODEX_SETTINGS = ['prompt_cache_key;dropped', 'verbosity;dropped'];
/** With 1024 tokens at the least, and at its own temperature. */
const CLAUDE_THINKS = ['thinking;clamped', 'temperature;dropped'];

/** Whether a message was the last of its turn. */
const PHASE = ['messages.6.phase;dropped'];

/**
 * What `x-sluice-changed` names, in any order, by fixture and family; nothing where nothing stands. The names are those of
 * OpenAI's chat API, in which instructions are messages too.
 */
export const CHANGES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'claude-code.count-tokens': { openai: ESTIMATED, bedrock: ESTIMATED, 'mlflow-chat': ESTIMATED },
  'claude-code.quota': { openai: HASHED_USER, gemini: ['metadata;dropped'], 'mlflow-chat': HASHED_USER },
  'claude-code.title': { openai: HASHED_USER, gemini: ['metadata;dropped'], 'mlflow-chat': HASHED_USER },
  'claude-code.turn': {
    openai: [...MARKS, ...HASHED_USER, 'thinking;approximated', 'context_management;dropped'],
    gemini: [...MARKS, 'metadata;dropped', 'context_management;dropped'],
    'mlflow-chat': [...MARKS, ...HASHED_USER, 'thinking;dropped', 'context_management;dropped'],
  },
  'codex.turn': {
    anthropic: [...CODEX_TOOLS, ...CODEX_SETTINGS, 'reasoning_effort;approximated'],
    gemini: ['tools.2.function.format;dropped', 'tools.3;dropped', ...CODEX_SETTINGS],
    bedrock: [...CODEX_TOOLS, ...CODEX_SETTINGS, 'reasoning_effort;approximated'],
    'mlflow-chat': [...CODEX_TOOLS, ...CODEX_SETTINGS, 'reasoning_effort;dropped'],
  },
  'codex.history': {
    anthropic: [...CODEX_TOOLS, ...CODEX_SETTINGS, ...PHASE, 'reasoning_effort;approximated'],
    gemini: ['tools.2.function.format;dropped', 'tools.3;dropped', ...CODEX_SETTINGS, ...PHASE],
    bedrock: [...CODEX_TOOLS, ...CODEX_SETTINGS, ...PHASE, 'reasoning_effort;approximated'],
    'mlflow-chat': [...CODEX_TOOLS, ...CODEX_SETTINGS, ...PHASE, 'reasoning_effort;dropped'],
  },
  'gemini-cli.count-tokens': { openai: ESTIMATED, bedrock: ESTIMATED, 'mlflow-chat': ESTIMATED },
  'gemini-cli.next-speaker': {
    openai: ['thinking;approximated'],
    anthropic: CLAUDE_THINKS,
    bedrock: CLAUDE_THINKS,
    'mlflow-chat': ['thinking;dropped'],
  },
  'gemini-cli.turn': {
    openai: ['thinking;approximated', 'top_k;dropped'],
    anthropic: ['top_p;dropped', 'top_k;dropped'],
    bedrock: ['top_p;dropped', 'top_k;dropped'],
    'mlflow-chat': ['thinking;dropped', 'top_k;dropped'],
  },
};
