/** Reasons that are not simply `stop`, in OpenAI's words: https://docs.anthropic.com/en/api/handling-stop-reasons */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
]);

/** A `stop_reason` in OpenAI's words. */
export function finishReason(native: string): string {
  return REASONS.get(native) ?? 'stop';
}
