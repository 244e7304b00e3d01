/**
 * The native reasons that are not simply `stop`. A call that the model could not write down is a `stop`, as OpenAI has
 * no word for it. https://ai.google.dev/api/generate-content#FinishReason
 */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content_filter'],
  ['RECITATION', 'content_filter'],
  ['BLOCKLIST', 'content_filter'],
  ['PROHIBITED_CONTENT', 'content_filter'],
  ['SPII', 'content_filter'],
  ['IMAGE_SAFETY', 'content_filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content_filter'],
  ['IMAGE_RECITATION', 'content_filter'],
  ['MODEL_ARMOR', 'content_filter'],
]);

/** A `finishReason` in OpenAI's words, which has none of its own for a call of tools. */
export function finishReason(native: string, callsTools: boolean): string {
  if (callsTools && native === 'STOP') return 'tool_calls';
  return REASONS.get(native) ?? 'stop';
}
