import { GatewayError } from '../../core/errors.ts';
import type { ChoiceDelta, NeutralChunk, ToolCallDelta } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { ChunkReader } from '../wire.ts';
import { withCitations } from './citations.ts';
import { finishOf } from './finish.ts';
import { readUsage } from './usage.ts';
import { probability } from './v2-response.ts';

/** https://docs.cohere.com/docs/streaming */
export class AnswerReader implements ChunkReader {
  complete = false;
  /** Cohere counts all blocks of an answer in one row; OpenAI's clients count tool calls alone. */
  readonly #calls: unknown[] = [];

  event(data: JsonObject): NeutralChunk | null {
    const message = isJsonObject(data.delta) && isJsonObject(data.delta.message) ? data.delta.message : {};
    switch (data.type) {
      case 'message-start':
        return typeof data.id === 'string' ? { id: data.id, choices: [] } : null;
      case 'content-start':
      case 'content-delta':
        return chunk(content(message.content, data.logprobs));
      case 'tool-plan-delta':
        return typeof message.tool_plan === 'string' ? chunk({ reasoning: { text: message.tool_plan } }) : null;
      case 'tool-call-start':
        this.#calls.push(data.index);
        return chunk(toolCall(message.tool_calls, this.#calls.length - 1));
      case 'tool-call-delta':
        return chunk(toolCall(message.tool_calls, Math.max(this.#calls.lastIndexOf(data.index), 0)));
      case 'citation-start':
        return isJsonObject(message.citations) ? chunk({ parts: [withCitations('', [message.citations])] }) : null;
      case 'message-end':
        return this.#end(isJsonObject(data.delta) ? data.delta : {});
      default:
        return null;
    }
  }

  #end(delta: JsonObject): NeutralChunk {
    if (typeof delta.error === 'string') throw new GatewayError('upstream_error', delta.error);
    const finish = finishOf(delta.finish_reason);
    const usage = readUsage(delta.usage);
    this.complete = true;
    return { choices: [{ index: 0, ...(finish && { finish }) }], ...(usage && { usage }) };
  }
}

type Delta = Omit<ChoiceDelta, 'index'>;

function chunk(delta: Delta | null): NeutralChunk | null {
  return delta && { choices: [{ index: 0, ...delta }] };
}

function content(value: unknown, logprobs: unknown): Delta | null {
  if (!isJsonObject(value)) return null;
  if (typeof value.thinking === 'string' && value.thinking !== '') return { reasoning: { text: value.thinking } };
  if (typeof value.text !== 'string' || value.text === '') return null;
  const rest = isJsonObject(logprobs)
    ? { rest: { logprobs: { content: [probability(logprobs)], refusal: null } } }
    : {};
  return { text: value.text, ...rest };
}

function toolCall(value: unknown, index: number): Delta | null {
  if (!isJsonObject(value)) return null;
  const called = isJsonObject(value.function) ? value.function : {};
  const piece: ToolCallDelta = {
    index,
    ...(typeof value.id === 'string' && { id: value.id }),
    ...(typeof called.name === 'string' && { name: called.name }),
    ...(typeof called.arguments === 'string' && { arguments: called.arguments }),
  };
  return { toolCalls: [piece] };
}
