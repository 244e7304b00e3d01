import type { Finish } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';

/** https://ai.google.dev/api/generate-content#FinishReason */
const NATIVE: ReadonlySet<string> = new Set([
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'MODEL_ARMOR',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_OTHER',
  'IMAGE_RECITATION',
  'NO_IMAGE',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MISSING_THOUGHT_SIGNATURE',
  'MALFORMED_RESPONSE',
]);

const REASONS: Readonly<Record<string, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  tool_calls: 'STOP',
  function_call: 'STOP',
  content_filter: 'SAFETY',
};

/**
 * `finishReason`, and beside it what this API has no field for: the provider's own word, and the stop sequence that was
 * met. Its clients pass over fields that they do not know.
 */
export function encodeFinish(finish: Finish | null): JsonObject {
  if (finish === null) return { finishReason: 'STOP' };
  const { reason, native, stopSequence } = finish;
  const isNative = native !== undefined && NATIVE.has(native);
  return {
    finishReason: isNative ? native : ((Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined) ?? 'OTHER'),
    ...(native !== undefined && !isNative && native !== reason && { nativeFinishReason: native }),
    ...(stopSequence !== undefined && { stopSequence }),
  };
}
