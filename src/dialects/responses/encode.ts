import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChoice, NeutralResponse } from '../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { AnswerContext, CheckedRequest } from '../dialect.ts';
import { sourcesOf } from './annotations.ts';
import {
  audioPart,
  callItem,
  callSignatureItem,
  messageItem,
  reasoningItem,
  refusalPart,
  textPart,
  wholeItem,
} from './output-items.ts';
import { echoOf, furtherFields, now, randomId, responseId, type Status, statusOf } from './response-object.ts';
import { ToolNames } from './tool-names.ts';
import { encodeUsage } from './usage.ts';

/** A neutral answer as a response object: https://platform.openai.com/docs/api-reference/responses/object */
export function encode(response: NeutralResponse, context: AnswerContext, { body }: CheckedRequest): string {
  if (response.operation === 'embeddings') throw new Error('The Responses API has no embeddings.');
  // Nobody can ask for more than one.
  const choice: NeutralChoice = response.choices[0] ?? { parts: [], finish: null };
  const { status, incomplete_details } = statusOf(choice.finish);
  const created = response.created ?? now();
  return JSON.stringify({
    ...echoOf(body),
    ...furtherFields(choice.finish, choice.rest, response.rest),
    id: responseId(response.id),
    object: 'response',
    created_at: created,
    completed_at: status === 'completed' ? now() : null,
    status,
    error: null,
    incomplete_details,
    model: response.model ?? context.model,
    output: new OutputWriter(context.provider, new ToolNames(body), status).items(choice),
    usage: encodeUsage(response.usage),
  });
}

class OutputWriter {
  readonly #provider: string;
  readonly #tools: ToolNames;
  readonly #status: Status;
  readonly #suffix = randomId();
  readonly #items: JsonObject[] = [];
  /** The content of the message that is being written. */
  #content: JsonObject[] | null = null;
  /** The length of the answer's text so far. */
  #length = 0;

  constructor(provider: string, tools: ToolNames, status: Status) {
    this.#provider = provider;
    this.#tools = tools;
    this.#status = status;
  }

  items({ parts, rest }: NeutralChoice): JsonObject[] {
    let logprobs = logprobsOf(rest);
    for (const part of parts) {
      if (part.type === 'text' || part.type === 'refusal' || part.type === 'audio') {
        this.#addContent(part, part.type === 'text' ? logprobs : []);
        // They are those of all texts together.
        if (part.type === 'text') logprobs = [];
      } else this.#addItem(part);
    }
    // What was being written when the answer was cut off is not whole.
    const last = this.#items.at(-1);
    if (this.#status === 'incomplete' && last?.status === 'completed') last.status = 'incomplete';
    return this.#items;
  }

  #addContent(part: Extract<NeutralPart, { type: 'text' | 'refusal' | 'audio' }>, logprobs: readonly unknown[]): void {
    if (!this.#content) {
      this.#content = [];
      this.#items.push(messageItem(this.#id('msg'), 'completed', this.#content));
    }
    if (part.type === 'text') {
      this.#content.push(textPart(part.text, { ...sourcesOf(part.rest, this.#length), logprobs }));
      this.#length += part.text.length;
    } else this.#content.push(part.type === 'refusal' ? refusalPart(part.text) : audioPart(part));
  }

  #addItem(part: Exclude<NeutralPart, { type: 'text' | 'refusal' | 'audio' }>): void {
    this.#content = null;
    if (part.type === 'reasoning') {
      this.#items.push(reasoningItem(this.#id('rs'), this.#provider, part));
    } else if (part.type === 'tool-call') {
      const tool = this.#tools.find(part.name);
      const callId = part.id === '' ? this.#id('call') : part.id;
      if (part.signature !== undefined) {
        this.#items.push(callSignatureItem(this.#id('rs'), this.#provider, callId, part.signature));
      }
      this.#items.push(callItem(this.#id(tool.isCustom ? 'ctc' : 'fc'), 'completed', tool, { ...part, id: callId }));
    } else {
      this.#items.push(wholeItem(this.#numbered(), this.#provider, part));
    }
  }

  #id(kind: string): string {
    return `${kind}_${this.#numbered()}`;
  }

  #numbered(): string {
    return `${this.#suffix}${this.#items.length}`;
  }
}

export function logprobsOf(rest: JsonObject | undefined): readonly unknown[] {
  const logprobs = rest?.logprobs;
  const content = isJsonObject(logprobs) ? logprobs.content : null;
  return Array.isArray(content) ? content.filter(isJsonObject).map(withBytes) : [];
}

/** The chat API may say null of a token's bytes; here they are always told. */
function withBytes(token: JsonObject): JsonObject {
  const bytes = token.bytes ?? [...Buffer.from(String(token.token ?? ''))];
  const { top_logprobs: others } = token;
  return {
    ...token,
    bytes,
    ...(Array.isArray(others) && { top_logprobs: others.filter(isJsonObject).map(withBytes) }),
  };
}
