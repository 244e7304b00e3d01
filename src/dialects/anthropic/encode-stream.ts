import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { ChoiceDelta, Finish, NeutralChunk } from '../../core/neutral/response.ts';
import { NO_USAGE, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { AnswerContext, ChunkEncoder } from '../dialect.ts';
import { BlockWriter, eventOf } from './block-writer.ts';
import { blockOf, citationsOf } from './content.ts';
import { messageId, refusalDetails, tierOf, withoutNulls } from './encode.ts';
import { encodeUsage } from './encode-usage.ts';
import { encodeFinish } from './finish.ts';

/**
 * A neutral stream as the events of one message. The reason for its end goes out with the final usage, which some
 * providers tell only after that reason. https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export class AnthropicChunkEncoder implements ChunkEncoder {
  readonly #context: AnswerContext;
  readonly #blocks = new BlockWriter();
  #hasStarted = false;
  #usage: Usage | null = null;
  #finish: Finish | null = null;
  #refusal: string | null = null;
  #tier: unknown;
  /** Further fields of the message that have not gone out yet. */
  #further: JsonObject = {};

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  chunk(chunk: NeutralChunk): string {
    if (chunk.usage) this.#usage = chunk.usage;
    // The API answers once, so of several choices there is the first.
    const choice = chunk.choices.length === 1 ? chunk.choices[0] : chunk.choices.find(({ index }) => index === 0);
    if (this.#hasStarted && choice?.text && choice.index === 0 && isTextAlone(choice, chunk)) {
      const event = this.#blocks.moreText(choice.text);
      if (event !== null) return event;
    }
    this.#remember(chunk);
    const start = this.#hasStarted ? '' : this.#start(chunk);
    return choice?.index === 0 ? start + this.#choice(choice) : start;
  }

  end(): string {
    const start = this.#hasStarted ? '' : this.#start({ choices: [] });
    const blocks = this.#blocks.end();
    const delta = {
      ...encodeFinish(this.#finish, { calls: this.#blocks.hasCalls, refusal: this.#refusal !== null }),
      ...(this.#refusal !== null && { stop_details: refusalDetails(this.#refusal) }),
      ...this.#further,
    };
    const usage = this.#encodedUsage();
    return `${start}${blocks}${eventOf('message_delta', { delta, usage })}${eventOf('message_stop', {})}`;
  }

  #remember({ rest }: NeutralChunk): void {
    if (!rest) return;
    const { service_tier: tier, ...others } = rest;
    if (tier !== undefined) this.#tier = tier;
    this.#add(others);
  }

  /** Lists, such as citations, come in pieces. */
  #add(fields: JsonObject): void {
    for (const field in fields) {
      const before = this.#further[field];
      const value = fields[field];
      if (value === null || value === undefined) continue;
      this.#further[field] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
    }
  }

  #start({ id, model }: NeutralChunk): string {
    this.#hasStarted = true;
    const message = {
      id: messageId(id ?? null),
      type: 'message',
      role: 'assistant',
      model: model ?? this.#context.model ?? '',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: this.#encodedUsage(),
      ...this.#further,
    };
    this.#further = {};
    return eventOf('message_start', { message });
  }

  #encodedUsage(): JsonObject {
    return { ...encodeUsage(this.#usage ?? NO_USAGE), ...tierOf(this.#tier) };
  }

  #choice(choice: ChoiceDelta): string {
    const { text, reasoning, refusal, toolCalls = [], parts = [], finish, rest } = choice;
    const blocks = this.#blocks;
    const { stop_details: details, ...others } = withoutNulls(rest) ?? {};
    let events = '';
    if (reasoning?.text) events += blocks.write({ kind: 'thinking', text: reasoning.text });
    if (reasoning?.signature) events += blocks.write({ kind: 'signature', signature: reasoning.signature });
    if (reasoning?.encrypted) events += this.#redacted(reasoning.encrypted);
    if (text) events += blocks.write({ kind: 'text', text, extras: others });
    else this.#add(others);
    if (isJsonObject(details)) this.#further.stop_details = details;
    // Where the provider is Anthropic's own, a refusal's words are those of `stop_details`, and not of the content.
    else if (refusal) events += this.#refuse(refusal);
    for (const part of parts) events += this.#part(part);
    for (const delta of toolCalls) events += blocks.write({ kind: 'call', delta });
    if (!finish) return events;
    this.#finish = finish;
    return events + blocks.end();
  }

  #redacted(data: string): string {
    return this.#blocks.write({ kind: 'block', block: { type: 'redacted_thinking', data } });
  }

  #refuse(text: string): string {
    this.#refusal = (this.#refusal ?? '') + text;
    return this.#blocks.write({ kind: 'text', text });
  }

  #part(part: NeutralPart): string {
    if (part.type === 'reasoning') {
      const { text, signature, encrypted } = part;
      const reasoning = { text, ...(signature && { signature }), ...(encrypted && { encrypted }) };
      return this.#choice({ index: 0, reasoning });
    }
    if (part.type !== 'text') return this.#blocks.write({ kind: 'block', block: blockOf(part) });
    let events = part.text === '' ? '' : this.#blocks.write({ kind: 'text', text: part.text });
    for (const citation of citationsOf(part.rest ?? {})) events += this.#blocks.write({ kind: 'citation', citation });
    return events;
  }
}

function isTextAlone(choice: ChoiceDelta, chunk: NeutralChunk): boolean {
  return (
    choice.finish === undefined &&
    choice.toolCalls === undefined &&
    choice.reasoning === undefined &&
    choice.refusal === undefined &&
    choice.parts === undefined &&
    choice.rest === undefined &&
    chunk.rest === undefined
  );
}
