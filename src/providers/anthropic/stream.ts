import { mergeUsage, readUsage } from '../../core/anthropic/usage.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { ChoiceDelta, NeutralChunk } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { ChunkReader } from '../wire.ts';
import { citationFields } from './citations.ts';
import { errorOf, invalid } from './errors.ts';
import { finishOf } from './finish.ts';
import { containerOf, refusalOf, serviceTierOf, stopDetails } from './response.ts';

/** Where the JSON of the block that is being written belongs. */
type JsonBlock =
  | { readonly kind: 'call'; readonly ordinal: number; readonly input: unknown; isEmpty: boolean }
  | { readonly kind: 'other'; readonly block: JsonObject; json: string };

/** Reads the events of one message: blocks, one after another. https://docs.anthropic.com/en/docs/build-with-claude/streaming */
export class MessageReader implements ChunkReader {
  #complete = false;
  #usage: JsonObject | null = null;
  #block: JsonBlock | null = null;
  #calls = 0;
  /** The length of the answer's text so far, and where in it the current block began. */
  #length = 0;
  #start = 0;

  get complete(): boolean {
    return this.#complete;
  }

  event(data: JsonObject): NeutralChunk | null {
    switch (data.type) {
      case 'content_block_delta':
        if (!isJsonObject(data.delta)) throw invalid("a 'content_block_delta' has no 'delta'");
        return chunkOf(this.#delta(data.delta));
      case 'content_block_start':
        if (!isJsonObject(data.content_block)) throw invalid("a 'content_block_start' has no 'content_block'");
        return chunkOf(this.#openBlock(data.content_block));
      case 'content_block_stop':
        return chunkOf(this.#closeBlock());
      case 'message_start':
        if (!isJsonObject(data.message)) throw invalid("a 'message_start' has no 'message'");
        return this.#openMessage(data.message);
      case 'message_delta':
        if (!isJsonObject(data.delta)) throw invalid("a 'message_delta' has no 'delta'");
        return this.#endMessage(data.delta, data.usage);
      case 'message_stop':
        this.#complete = true;
        return null;
      case 'error':
        throw errorOf(data);
      default:
        // `ping`, and what the API may add later: https://docs.anthropic.com/en/api/versioning
        if (typeof data.type === 'string') return null;
        throw invalid("an event has no 'type'");
    }
  }

  #openMessage(message: JsonObject): NeutralChunk {
    this.#usage = mergeUsage(null, message.usage);
    const usage = readUsage(this.#usage);
    return {
      ...(typeof message.id === 'string' && { id: message.id }),
      ...(typeof message.model === 'string' && { model: message.model }),
      choices: [],
      // Told at once, so that a stream that the client leaves is not free.
      ...(usage && { usage }),
    };
  }

  #endMessage(delta: JsonObject, counts: unknown): NeutralChunk {
    this.#usage = mergeUsage(this.#usage, counts);
    const usage = readUsage(this.#usage);
    const finish = finishOf(delta);
    const refusal = refusalOf(delta.stop_details);
    const rest = { ...containerOf(delta), ...serviceTierOf(this.#usage) };
    return {
      choices: [{ index: 0, ...(refusal !== null && { refusal }), ...(finish && { finish }), ...stopDetails(delta) }],
      ...(usage && { usage }),
      ...(Object.keys(rest).length > 0 && { rest }),
    };
  }

  #openBlock(block: JsonObject): ChoiceDelta | null {
    this.#block = null;
    switch (block.type) {
      case 'text':
        this.#start = this.#length;
        return this.#text(block.text);
      case 'thinking':
        return reasoning('text', block.thinking);
      case 'redacted_thinking':
        return reasoning('encrypted', block.data);
      case 'tool_use': {
        if (typeof block.id !== 'string' || typeof block.name !== 'string') {
          throw invalid("a 'tool_use' block has no 'id' or no 'name'");
        }
        const ordinal = this.#calls;
        this.#calls += 1;
        this.#block = { kind: 'call', ordinal, input: block.input, isEmpty: true };
        return { index: 0, toolCalls: [{ index: ordinal, id: block.id, name: block.name }] };
      }
      default:
        this.#block = { kind: 'other', block, json: '' };
        return null;
    }
  }

  #delta(delta: JsonObject): ChoiceDelta | null {
    switch (delta.type) {
      case 'text_delta':
        return this.#text(delta.text);
      case 'input_json_delta':
        return this.#json(delta.partial_json);
      case 'thinking_delta':
        return reasoning('text', delta.thinking);
      case 'signature_delta':
        return reasoning('signature', delta.signature);
      case 'citations_delta': {
        const rest = citationFields([delta.citation], this.#start, this.#length);
        return { index: 0, parts: [{ type: 'text', text: '', rest }] };
      }
      default:
        return null;
    }
  }

  #text(text: unknown): ChoiceDelta | null {
    if (typeof text !== 'string' || text === '') return null;
    this.#length += text.length;
    return { index: 0, text };
  }

  #json(json: unknown): ChoiceDelta | null {
    const block = this.#block;
    if (typeof json !== 'string' || json === '' || !block) return null;
    if (block.kind === 'other') {
      block.json += json;
      return null;
    }
    block.isEmpty = false;
    return { index: 0, toolCalls: [{ index: block.ordinal, arguments: json }] };
  }

  #closeBlock(): ChoiceDelta | null {
    const block = this.#block;
    this.#block = null;
    if (!block) return null;
    if (block.kind === 'other') return { index: 0, parts: [wholeBlock(block.block, block.json)] };
    // A call without arguments has no pieces of them, yet they are an object.
    if (!block.isEmpty) return null;
    return { index: 0, toolCalls: [{ index: block.ordinal, arguments: JSON.stringify(block.input ?? {}) }] };
  }
}

function chunkOf(delta: ChoiceDelta | null): NeutralChunk | null {
  return delta && { choices: [delta] };
}

function reasoning(field: 'text' | 'signature' | 'encrypted', value: unknown): ChoiceDelta | null {
  return typeof value === 'string' && value !== '' ? { index: 0, reasoning: { [field]: value } } : null;
}

/** A block that no client acts on, with the input that came in pieces, for the next turn. */
function wholeBlock(block: JsonObject, json: string): NeutralPart {
  if (json === '') return { type: 'other', value: block };
  try {
    return { type: 'other', value: { ...block, input: JSON.parse(json) } };
  } catch {
    // The answer ended at its length, in the middle of the input.
    return { type: 'other', value: { ...block, partial_json: json } };
  }
}
