import type { ChoiceDelta, ReasoningDelta, ToolCallDelta } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { encodeMessage } from './message.ts';
import { reasoningDetail } from './reasoning.ts';

/**
 * Writes the `delta`s of one choice of a stream: https://platform.openai.com/docs/api-reference/chat-streaming. Only
 * what a chunk says is in them.
 */
export class ChoiceState {
  hasStarted = false;
  hasFinished = false;
  hasToolCalls = false;
  /** The reasoning since the last signature: an entry of `reasoning_details` comes whole, so that a client only collects them. */
  #reasoning = '';
  /** How many items of each list, such as `images`, there were. */
  readonly #listed = new Map<string, number>();
  /** Calls whose arguments have not begun. */
  readonly #silentCalls = new Set<number>();

  delta(choice: ChoiceDelta): JsonObject {
    const delta: JsonObject = {};
    if (!this.hasStarted) {
      this.hasStarted = true;
      delta.role = 'assistant';
      delta.content = null;
    }
    if (choice.text !== undefined) delta.content = choice.text;
    if (choice.refusal !== undefined) delta.refusal = choice.refusal;
    if (choice.reasoning) this.#writeReasoning(delta, choice.reasoning);
    if (choice.parts) this.#writeParts(delta, choice);
    const calls = choice.toolCalls?.map((call) => this.#toolCall(call)) ?? [];
    if (choice.finish) {
      this.hasFinished = true;
      for (const index of this.#silentCalls) calls.push({ index, function: { arguments: '{}' } });
      this.#silentCalls.clear();
    }
    if (calls.length > 0) {
      this.hasToolCalls = true;
      delta.tool_calls = calls;
    }
    return delta;
  }

  /** Clients parse the arguments at the end, so a call that never had any gets `{}`. */
  #toolCall(call: ToolCallDelta): JsonObject {
    const isFirst = call.id !== undefined || call.name !== undefined;
    if (call.arguments) this.#silentCalls.delete(call.index);
    else if (isFirst) this.#silentCalls.add(call.index);
    const signature = call.signature !== undefined && { thought_signature: call.signature };
    if (isFirst) {
      const definition = { name: call.name ?? '', arguments: call.arguments ?? '' };
      return { index: call.index, id: call.id ?? '', type: 'function', function: definition, ...signature };
    }
    return { index: call.index, function: { arguments: call.arguments ?? '' }, ...signature };
  }

  #writeReasoning(delta: JsonObject, { text, signature, encrypted }: ReasoningDelta): void {
    if (text !== undefined && text !== '') {
      delta.reasoning_content = text;
      this.#reasoning += text;
    }
    if (signature === undefined && encrypted === undefined) return;
    const entries: JsonObject[] = [];
    if (signature !== undefined || this.#reasoning !== '') {
      entries.push(reasoningDetail({ text: this.#reasoning, ...(signature !== undefined && { signature }) }));
    }
    if (encrypted !== undefined) entries.push(reasoningDetail({ text: '', encrypted }));
    this.#reasoning = '';
    delta.reasoning_details = this.#indexed('reasoning_details', entries);
  }

  #writeParts(delta: JsonObject, { parts = [] }: ChoiceDelta): void {
    const { role: _role, content, refusal, ...further } = encodeMessage(parts);
    if (content !== null) delta.content = `${delta.content ?? ''}${content}`;
    if (refusal !== null) delta.refusal = `${delta.refusal ?? ''}${refusal}`;
    for (const field in further) {
      const list = further[field];
      if (Array.isArray(list)) further[field] = this.#indexed(field, list);
    }
    Object.assign(delta, further);
  }

  /** Official clients join the lists of deltas by `index`. */
  #indexed(field: string, list: readonly JsonObject[]): JsonObject[] {
    const before = this.#listed.get(field) ?? 0;
    this.#listed.set(field, before + list.length);
    return list.map((item, position) => ({ ...item, index: before + position }));
  }
}
