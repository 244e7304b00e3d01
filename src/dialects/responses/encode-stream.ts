import type { GatewayError } from '../../core/errors.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { ChoiceDelta, Finish, NeutralChunk, ReasoningDelta, ToolCallDelta } from '../../core/neutral/response.ts';
import type { Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import type { AnswerContext, CheckedRequest, ChunkEncoder } from '../dialect.ts';
import { logprobsOf } from './encode.ts';
import { streamError } from './errors.ts';
import { EventWriter } from './event-writer.ts';
import { audioPart, callSignatureItem, type WholePart, wholeItem } from './output-items.ts';
import { echoOf, furtherFields, now, randomId, responseId, statusOf } from './response-object.ts';
import { StreamedCall } from './stream-call.ts';
import { StreamedMessage } from './stream-message.ts';
import { StreamedReasoning } from './stream-reasoning.ts';
import { ToolNames } from './tool-names.ts';
import { encodeUsage } from './usage.ts';

/** A neutral stream in the events of the Responses API: https://platform.openai.com/docs/api-reference/responses-streaming */
export class ResponsesChunkEncoder implements ChunkEncoder {
  readonly #context: AnswerContext;
  readonly #events = new EventWriter();
  readonly #tools: ToolNames;
  /** What each response object of the stream repeats of the request. */
  readonly #echo: JsonObject;
  readonly #suffix = randomId();
  #id: string | null = null;
  #model: string | null;
  #created = 0;
  #usage: Usage | null = null;
  #finish: Finish | null = null;
  #further: JsonObject = {};
  /** The items by their index; those that are not finished are holes. */
  readonly #output: JsonObject[] = [];
  #count = 0;
  #message: { readonly index: number; readonly item: StreamedMessage } | null = null;
  #reasoning: { readonly index: number; readonly item: StreamedReasoning } | null = null;
  /** Pieces of parallel calls may alternate, so calls stay open. */
  readonly #calls = new Map<number, { readonly index: number; readonly item: StreamedCall }>();
  /** The length of the answer's text so far. */
  #length = 0;

  constructor(context: AnswerContext, { body }: CheckedRequest) {
    this.#context = context;
    this.#model = context.model;
    this.#tools = new ToolNames(body);
    this.#echo = echoOf(body);
  }

  chunk(chunk: NeutralChunk): string {
    if (chunk.usage) this.#usage = chunk.usage;
    if (chunk.model !== undefined) this.#model = chunk.model;
    if (chunk.rest) Object.assign(this.#further, chunk.rest);
    let events = this.#id === null ? this.#begin(chunk) : '';
    for (const choice of chunk.choices) {
      if (choice.index !== 0) continue;
      const written = this.#choice(choice);
      events = events === '' ? written : events + written;
    }
    return events;
  }

  end(): string {
    const begun = this.#id === null ? this.#begin({ choices: [] }) : '';
    const { status, incomplete_details } = statusOf(this.#finish);
    const closed = this.#closeAll(status);
    const further = furtherFields(this.#finish, this.#further);
    const json = this.#response(status, {
      ...further,
      completed_at: status === 'completed' ? now() : null,
      incomplete_details,
      output: this.#output,
      usage: encodeUsage(this.#usage),
    });
    return begun + closed + this.#events.response(`response.${status}`, json);
  }

  fail(error: GatewayError): string {
    if (this.#id === null) return streamError(error);
    const closed = this.#closeAll('incomplete');
    const response: JsonObject = {
      ...this.#echo,
      ...furtherFields(null, this.#further),
      id: this.#id,
      object: 'response',
      created_at: this.#created,
      model: this.#model,
      output: this.#output,
    };
    return closed + streamError(error, { response, sequence: this.#events.sequence });
  }

  #begin(chunk: NeutralChunk): string {
    this.#id = responseId(chunk.id ?? null);
    this.#created = chunk.created ?? now();
    const json = this.#response('in_progress', {
      completed_at: null,
      incomplete_details: null,
      output: [],
      usage: null,
    });
    return this.#events.response('response.created', json) + this.#events.response('response.in_progress', json);
  }

  #response(status: string, fields: JsonObject): string {
    const head = {
      id: this.#id,
      object: 'response',
      created_at: this.#created,
      status,
      error: null,
      model: this.#model,
    };
    return JSON.stringify({ ...this.#echo, ...fields, ...head });
  }

  #choice(choice: ChoiceDelta): string {
    const { text, reasoning, refusal, toolCalls, parts, finish, rest } = choice;
    let events = '';
    // A signature without thoughts of its own beside a text is that text's.
    const isOfText = reasoning !== undefined && !reasoning.text && text !== undefined && text !== '';
    if (reasoning && !isOfText) events += this.#think(reasoning);
    const logprobs = logprobsOf(rest);
    if (text !== undefined && (text !== '' || logprobs.length > 0)) events += this.#write(text, logprobs);
    if (isOfText) events += this.#think(reasoning);
    if (refusal !== undefined && refusal !== '') events += this.#refuse(refusal);
    if (parts) for (const part of parts) events += this.#part(part);
    if (toolCalls) for (const call of toolCalls) events += this.#call(call);
    if (rest) Object.assign(this.#further, rest);
    if (finish) {
      this.#finish = finish;
      events += this.#closeAll(statusOf(finish).status);
    }
    return events;
  }

  #write(text: string, logprobs: readonly unknown[]): string {
    const start = this.#length;
    this.#length += text.length;
    // What nearly every chunk is.
    if (this.#message && logprobs.length === 0) return this.#message.item.text(text, start);
    const { item, events } = this.#openMessage();
    return events + (logprobs.length > 0 ? item.textWithLogprobs(text, logprobs, start) : item.text(text, start));
  }

  #refuse(text: string): string {
    const { item, events } = this.#openMessage();
    return events + item.refusal(text, this.#length);
  }

  #openMessage(): { readonly item: StreamedMessage; readonly events: string } {
    if (this.#message) return { item: this.#message.item, events: '' };
    const closed = this.#closeReasoning({});
    const index = this.#count++;
    const item = new StreamedMessage(this.#events, index, this.#itemId('msg', index));
    this.#message = { index, item };
    return { item, events: closed + item.begin() };
  }

  #think({ text = '', ...signed }: ReasoningDelta): string {
    const isSigned = signed.signature !== undefined || signed.encrypted !== undefined;
    if (text === '' && !isSigned) return '';
    let events = '';
    // What is encrypted is a thought of its own.
    if (signed.encrypted !== undefined && text === '') events += this.#closeReasoning({});
    if (!this.#reasoning) {
      events += this.#closeMessage('completed');
      const index = this.#count++;
      const item = new StreamedReasoning(this.#events, index, this.#itemId('rs', index), this.#context.provider);
      this.#reasoning = { index, item };
      events += item.begin();
    }
    if (text !== '') events += this.#reasoning.item.text(text);
    return isSigned ? events + this.#closeReasoning(signed) : events;
  }

  #call(delta: ToolCallDelta): string {
    let events = '';
    let open = this.#calls.get(delta.index);
    if (!open) {
      events += this.#closeReasoning({}) + this.#closeMessage('completed');
      const callId = delta.id || this.#itemId('call', this.#count);
      if (delta.signature !== undefined) events += this.#callSignature(callId, delta.signature);
      const tool = this.#tools.find(delta.name ?? '');
      const index = this.#count++;
      const id = this.#itemId(tool.isCustom ? 'ctc' : 'fc', index);
      open = { index, item: new StreamedCall(this.#events, index, id, tool, callId) };
      this.#calls.set(delta.index, open);
      events += open.item.begin();
    } else if (delta.signature !== undefined) {
      events += this.#callSignature(open.item.callId, delta.signature);
    }
    return events + open.item.arguments(delta.arguments ?? '');
  }

  #callSignature(callId: string, signature: string): string {
    const id = this.#itemId('rs', this.#count);
    return this.#whole(callSignatureItem(id, this.#context.provider, callId, signature));
  }

  #part(part: NeutralPart): string {
    switch (part.type) {
      case 'text':
        return this.#textPart(part.text, part.rest);
      case 'refusal':
        return this.#refuse(part.text);
      case 'reasoning':
        return this.#think(part);
      case 'tool-call':
        return this.#call({ ...part, index: -1 - this.#count });
      case 'audio': {
        const { item, events } = this.#openMessage();
        return events + item.whole(audioPart(part));
      }
      default:
        return this.#wholePart(part);
    }
  }

  #textPart(text: string, rest: JsonObject | undefined): string {
    const written = text === '' ? '' : this.#write(text, []);
    if (!rest) return written;
    const { item, events } = this.#openMessage();
    return written + events + item.sources(rest, this.#length);
  }

  #wholePart(part: WholePart): string {
    const closed = this.#closeReasoning({}) + this.#closeMessage('completed');
    return closed + this.#whole(wholeItem(`${this.#suffix}${this.#count}`, this.#context.provider, part));
  }

  #whole(item: JsonObject): string {
    const output_index = this.#count++;
    this.#output[output_index] = item;
    return (
      this.#events.event('response.output_item.added', { output_index, item }) +
      this.#events.event('response.output_item.done', { output_index, item })
    );
  }

  #closeReasoning(signed: Omit<ReasoningDelta, 'text'>): string {
    const open = this.#reasoning;
    if (!open) return '';
    this.#reasoning = null;
    const { events, item } = open.item.end(signed);
    this.#output[open.index] = item;
    return events;
  }

  #closeMessage(status: string): string {
    const open = this.#message;
    if (!open) return '';
    this.#message = null;
    const { events, item } = open.item.end(status);
    this.#output[open.index] = item;
    return events;
  }

  #closeAll(status: string): string {
    let events = this.#closeReasoning({}) + this.#closeMessage(status);
    for (const open of this.#calls.values()) {
      const { events: closed, item } = open.item.end(status);
      this.#output[open.index] = item;
      events += closed;
    }
    this.#calls.clear();
    return events;
  }

  #itemId(kind: string, index: number): string {
    return `${kind}_${this.#suffix}${index}`;
  }
}
