import type { ChoiceDelta, NeutralChunk, ReasoningDelta } from '../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { citationFields } from '../anthropic/citations.ts';
import type { ChunkReader } from '../wire.ts';
import { readCitation } from './citations.ts';
import { invalidAnswer, streamException } from './errors.ts';
import { converseFinish } from './finish.ts';
import { converseUsage } from './usage.ts';

interface ToolCall {
  readonly ordinal: number;
  hasArguments: boolean;
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html */
export class ConverseReader implements ChunkReader {
  /** `metadata`, with the usage, is the last event of a stream. */
  complete = false;
  #calls = 0;
  /** How long the answer's text is so far, and how long it was before the block that `#textBlock` says. */
  #length = 0;
  #textStart = 0;
  #textBlock: unknown;
  /** The call that each open content block is; null for one that Bedrock itself has made. */
  readonly #blocks = new Map<unknown, ToolCall | null>();

  event(data: JsonObject, name: string): NeutralChunk | null {
    switch (name) {
      case 'contentBlockDelta':
        return this.#delta(data);
      case 'contentBlockStart':
        return this.#start(data);
      case 'contentBlockStop':
        return this.#stop(data);
      case 'messageStop': {
        const finish = converseFinish(data.stopReason, data.additionalModelResponseFields);
        return finish && chunk({ index: 0, finish });
      }
      case 'metadata': {
        this.complete = true;
        const usage = converseUsage(data.usage, data.serviceTier);
        return usage && { choices: [], usage };
      }
      default:
        if (/exception$/i.test(name)) throw streamException(name, data);
        return null;
    }
  }

  #start({ start, contentBlockIndex }: JsonObject): NeutralChunk | null {
    const toolUse = isJsonObject(start) ? start.toolUse : undefined;
    if (!isJsonObject(toolUse)) return null;
    const { toolUseId, name, type } = toolUse;
    if (type === 'server_tool_use') {
      this.#blocks.set(contentBlockIndex, null);
      return null;
    }
    if (typeof toolUseId !== 'string' || typeof name !== 'string')
      throw invalidAnswer('a tool call without id or name');
    const call = { ordinal: this.#calls, hasArguments: false };
    this.#calls += 1;
    this.#blocks.set(contentBlockIndex, call);
    return chunk({ index: 0, toolCalls: [{ index: call.ordinal, id: toolUseId, name, arguments: '' }] });
  }

  #delta({ delta, contentBlockIndex }: JsonObject): NeutralChunk | null {
    if (!isJsonObject(delta)) return null;
    if (typeof delta.text === 'string') return this.#text(delta.text, contentBlockIndex);
    if (isJsonObject(delta.toolUse)) return this.#argumentsDelta(delta.toolUse.input, contentBlockIndex);
    if (isJsonObject(delta.reasoningContent)) {
      const reasoning = reasoningDelta(delta.reasoningContent);
      return reasoning && chunk({ index: 0, reasoning });
    }
    if (isJsonObject(delta.citation)) return this.#citation(delta.citation, contentBlockIndex);
    return null;
  }

  #text(text: string, block: unknown): NeutralChunk {
    this.#openText(block);
    this.#length += text.length;
    return chunk({ index: 0, text });
  }

  #openText(block: unknown): void {
    if (this.#textBlock === block) return;
    this.#textBlock = block;
    this.#textStart = this.#length;
  }

  /** A citation belongs to the text of its block, which may still go on. */
  #citation(citation: JsonObject, block: unknown): NeutralChunk {
    this.#openText(block);
    const rest = citationFields([readCitation(citation)], this.#textStart, this.#length);
    return chunk({ index: 0, parts: [{ type: 'text', text: '', rest }] });
  }

  #argumentsDelta(input: unknown, block: unknown): NeutralChunk | null {
    const call = this.#blocks.get(block);
    if (call === undefined) throw invalidAnswer('arguments of a tool call that has not begun');
    if (call === null || typeof input !== 'string' || input === '') return null;
    call.hasArguments = true;
    return chunk({ index: 0, toolCalls: [{ index: call.ordinal, arguments: input }] });
  }

  /** A call without arguments sends none, but clients parse what they get. */
  #stop({ contentBlockIndex }: JsonObject): NeutralChunk | null {
    const call = this.#blocks.get(contentBlockIndex);
    this.#blocks.delete(contentBlockIndex);
    if (!call || call.hasArguments) return null;
    return chunk({ index: 0, toolCalls: [{ index: call.ordinal, arguments: '{}' }] });
  }
}

function chunk(choice: ChoiceDelta): NeutralChunk {
  return { choices: [choice] };
}

function reasoningDelta({ text, signature, redactedContent }: JsonObject): ReasoningDelta | null {
  if (typeof text === 'string') return { text };
  if (typeof signature === 'string') return { signature };
  if (typeof redactedContent === 'string') return { encrypted: redactedContent };
  return null;
}
