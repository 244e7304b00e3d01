/** Counts are the gateway's own estimate where the vendor has no such call. */
const ESTIMATED = ['input_tokens;approximated'];

/** Neither has marks in the prompt for what is worth caching. */
const MARKS = [
  'system.1.cache_control;dropped',
  'system.2.cache_control;dropped',
  'messages.0.content.1.cache_control;dropped',
];

/** The user's id becomes a hash of it: OpenAI's are shorter. */
const HASHED_USER = ['metadata.user_id;approximated'];

/** A tool that takes free text becomes one with a text as its only argument; the search runs at OpenAI. */
const CODEX_TOOLS = ['tools.2.format;dropped', 'tools.3;dropped'];
const CODEX = [...CODEX_TOOLS, 'prompt_cache_key;dropped', 'text.verbosity;dropped'];
/** Whether a message was the last of its turn. */
const PHASE = ['input.5.phase;dropped'];

const CONFIG = 'generationConfig';
const THINKING = `${CONFIG}.thinkingConfig`;
/** With 1024 tokens at the least, and at its own temperature. */
const CLAUDE_THINKS = [`${THINKING}.thinkingBudget;clamped`, `${CONFIG}.temperature;dropped`];

/** What `x-sluice-changed` names, in any order, by fixture and family; nothing where nothing stands. */
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
    anthropic: [...CODEX, 'reasoning.effort;approximated'],
    gemini: CODEX,
    bedrock: [...CODEX, 'reasoning.effort;approximated'],
    'mlflow-chat': [...CODEX, 'reasoning.effort;dropped'],
  },
  'codex.history': {
    anthropic: [...CODEX, ...PHASE, 'reasoning.effort;approximated'],
    gemini: [...CODEX, ...PHASE],
    bedrock: [...CODEX, ...PHASE, 'reasoning.effort;approximated'],
    'mlflow-chat': [...CODEX, ...PHASE, 'reasoning.effort;dropped'],
  },
  'gemini-cli.count-tokens': { openai: ESTIMATED, bedrock: ESTIMATED, 'mlflow-chat': ESTIMATED },
  'gemini-cli.next-speaker': {
    openai: [`${THINKING}.thinkingBudget;approximated`, `${CONFIG}.temperature;dropped`],
    anthropic: CLAUDE_THINKS,
    bedrock: CLAUDE_THINKS,
    'mlflow-chat': [`${THINKING}.thinkingBudget;dropped`],
  },
  'gemini-cli.turn': {
    openai: [
      `${THINKING}.includeThoughts;dropped`,
      `${THINKING}.thinkingBudget;approximated`,
      // A model that thinks refuses it.
      `${CONFIG}.topP;dropped`,
      `${CONFIG}.topK;dropped`,
    ],
    anthropic: [`${CONFIG}.topP;dropped`, `${CONFIG}.topK;dropped`],
    bedrock: [`${CONFIG}.topP;dropped`, `${CONFIG}.topK;dropped`],
    'mlflow-chat': [
      `${THINKING}.includeThoughts;dropped`,
      `${THINKING}.thinkingBudget;dropped`,
      `${CONFIG}.topK;dropped`,
    ],
  },
};
