import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { BodyEdits } from '../body-edits.ts';
import type { OpenAITarget } from '../provider.ts';

/** `ChatRequest` of https://huggingface.github.io/text-generation-inference/; what it does not know, it ignores in silence. */
const FIELDS: ReadonlySet<string> = new Set([
  'frequency_penalty',
  'guideline',
  'logprobs',
  'max_tokens',
  'messages',
  'model',
  'presence_penalty',
  'response_format',
  'seed',
  'stop',
  'stream',
  'stream_options',
  'temperature',
  'tool_choice',
  'tool_prompt',
  'tools',
  'top_logprobs',
  'top_p',
]);

/** The Messages API is OpenAI's, but for a few fields. */
export const adjust: OpenAITarget['adjust'] = (body, { changes }) => {
  const edits = new BodyEdits(body, changes);
  edits.rename('max_completion_tokens', 'max_tokens');
  // Not known here; said even where it is absent, for it is 1 by default.
  if ((edits.get('n') ?? 1) !== 1) changes.dropped('n');
  edits.set('n', undefined);
  // 1 means the same as none, but is refused.
  if (edits.get('top_p') === 1) edits.remove('top_p');
  const stop = edits.get('stop');
  if (typeof stop === 'string') edits.set('stop', [stop]);
  const format = edits.get('response_format');
  if (isJsonObject(format)) edits.set('response_format', grammar(format));
  edits.dropAllBut(FIELDS);
  return edits.members;
};

/** https://huggingface.co/docs/text-generation-inference/conceptual/guidance */
function grammar(format: JsonObject): JsonObject | undefined {
  if (format.type === 'text') return undefined;
  if (format.type === 'json_object' && format.value === undefined) return { type: 'json', value: { type: 'object' } };
  if (format.type !== 'json_schema' || !isJsonObject(format.json_schema)) return format;
  return { type: 'json', value: format.json_schema.schema ?? { type: 'object' } };
}

/** Arguments come as an object, where OpenAI has JSON text. */
export function mend(answer: JsonObject): boolean {
  return mendChoices(answer, 'message');
}

/** Some versions send a single call instead of a list. */
export function mendChunk(chunk: JsonObject): boolean {
  return mendChoices(chunk, 'delta');
}

function mendChoices(answer: JsonObject, field: 'message' | 'delta'): boolean {
  let changed = false;
  for (const choice of Array.isArray(answer.choices) ? answer.choices : []) {
    if (!isJsonObject(choice)) continue;
    if (choice.finish_reason === 'eos_token' || choice.finish_reason === 'stop_sequence') {
      choice.finish_reason = 'stop';
      changed = true;
    }
    const message = choice[field];
    if (!isJsonObject(message)) continue;
    if (mendCalls(message)) changed = true;
    // In a stream the calls have come before.
    if (field === 'message' && hasCalls(message) && choice.finish_reason === 'stop') {
      choice.finish_reason = 'tool_calls';
      changed = true;
    }
  }
  return changed;
}

function mendCalls(message: JsonObject): boolean {
  let changed = false;
  if (isJsonObject(message.tool_calls)) {
    message.tool_calls = [message.tool_calls];
    changed = true;
  }
  for (const call of Array.isArray(message.tool_calls) ? message.tool_calls : []) {
    const called = isJsonObject(call) ? call.function : null;
    if (!isJsonObject(called) || typeof called.arguments === 'string') continue;
    called.arguments = JSON.stringify(called.arguments ?? {});
    changed = true;
  }
  return changed;
}

const hasCalls = ({ tool_calls: calls }: JsonObject): boolean => Array.isArray(calls) && calls.length > 0;
