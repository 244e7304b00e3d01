import type { Finish } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';

/** https://docs.anthropic.com/en/api/handling-stop-reasons */
const WORDS: ReadonlySet<string> = new Set([
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
]);

/** What the answer has, by which a reason that the provider does not give, or gives too plainly, is made up for. */
export interface Found {
  readonly calls: boolean;
  readonly refusal: boolean;
}

/** `stop_reason` and `stop_sequence`, and the provider's own word where it has no counterpart. */
export function encodeFinish(finish: Finish | null, found: Found): JsonObject {
  const { native, stopSequence } = finish ?? {};
  const isNative = native !== undefined && WORDS.has(native);
  return {
    stop_reason: isNative ? native : reasonOf(finish, found),
    stop_sequence: stopSequence ?? null,
    ...(native !== undefined && !isNative && native !== finish?.reason && { native_finish_reason: native }),
  };
}

function reasonOf(finish: Finish | null, { calls, refusal }: Found): string {
  switch (finish?.reason) {
    case 'length':
      return 'max_tokens';
    case 'tool_calls':
    case 'function_call':
      return 'tool_use';
    case 'content_filter':
      return 'refusal';
    default:
      // Clients run the tools only for this reason, and some servers say `stop` beside calls.
      if (calls) return 'tool_use';
      if (refusal) return 'refusal';
      return isStopSequence(finish) ? 'stop_sequence' : 'end_turn';
  }
}

/** Some providers say that it was one, and not which. */
function isStopSequence(finish: Finish | null): boolean {
  return finish?.stopSequence !== undefined || finish?.native?.toLowerCase() === 'stop_sequence';
}
