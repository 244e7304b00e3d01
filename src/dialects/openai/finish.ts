import type { Finish } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';

/**
 * `finish_reason`, and beside it the provider's own word where that is another, as OpenRouter has it, and the stop
 * sequence that was met.
 */
export function encodeFinish(finish: Finish | null, fallback: string | null): JsonObject {
  if (finish === null) return { finish_reason: fallback };
  return { finish_reason: finish.reason, ...finishDetails(finish) };
}

export function finishDetails({ reason, native, stopSequence }: Finish): JsonObject {
  return {
    ...(native !== undefined && native !== reason && { native_finish_reason: native }),
    ...(stopSequence !== undefined && { stop_sequence: stopSequence }),
  };
}
