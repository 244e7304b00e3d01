import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralPart, ToolCallPart } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { encodePart, placed, signed, withTextSignature } from './parts.ts';
import { encodeToolResult } from './tool-results.ts';

export interface MessageOptions {
  /** Whether function calls and responses carry ids. */
  readonly callIds: boolean;
  /** Whether MLflow's gateway leaves out text beside function calls here, which drop-in users may rely on. */
  readonly mlflowDropsTextBesideCalls: boolean;
  /** Whether the model refuses function calls without a thought signature. */
  readonly needsSignatures: boolean;
  /** Where `files/…` lie, or null where there are no such files. */
  readonly fileBase: string | null;
}

export interface Conversation {
  readonly contents: JsonObject[];
  /** Null for none. */
  readonly systemInstruction: JsonObject | null;
}

/** Takes the place of a signature that the client did not keep. https://ai.google.dev/gemini-api/docs/thought-signatures */
const NO_SIGNATURE = 'skip_thought_signature_validator';

/** `contents` and the system instruction. https://ai.google.dev/api/caching#Content */
export function encodeMessages(request: NeutralChatRequest, options: MessageOptions, changes: Changes): Conversation {
  const dropsTextBesideCalls = options.mlflowDropsTextBesideCalls && request.surface === 'mlflow';
  return new Encoder(options, dropsTextBesideCalls, changes).encode(request.messages);
}

class Encoder {
  readonly #options: MessageOptions;
  readonly #dropsTextBesideCalls: boolean;
  readonly #changes: Changes;
  readonly #contents: JsonObject[] = [];
  readonly #system: JsonObject[] = [];
  /** The functions called so far, by call id: a result must name its function. */
  readonly #called = new Map<string, string>();
  /** The parts of the user's turn that takes up tool results, while one follows another. */
  #results: JsonObject[] | null = null;

  constructor(options: MessageOptions, dropsTextBesideCalls: boolean, changes: Changes) {
    this.#options = options;
    this.#dropsTextBesideCalls = dropsTextBesideCalls;
    this.#changes = changes;
  }

  encode(messages: readonly NeutralMessage[]): Conversation {
    messages.forEach((message, index) => {
      this.#message(message, `messages.${index}`);
    });
    const systemInstruction = this.#system.length > 0 ? { parts: this.#system } : null;
    return { contents: this.#contents, systemInstruction };
  }

  #message(message: NeutralMessage, path: string): void {
    const { role, rest } = message;
    // A result's name is that of its function anyway.
    for (const field in rest) if (field !== 'name' || role !== 'tool') this.#changes.dropped(`${path}.${field}`);
    if (role === 'tool') {
      this.#toolMessage(message, path);
      return;
    }
    this.#results = null;
    if (role === 'system' || role === 'developer') this.#systemMessage(message, path);
    else if (role === 'assistant') this.#turn('model', this.#modelParts(message.parts, path), path);
    else {
      if (role !== 'user') this.#changes.approximated(`${path}.role`);
      this.#turn('user', this.#userParts(message.parts, path), path);
    }
  }

  #turn(role: string, parts: readonly JsonObject[], path: string): void {
    // The API refuses a turn without parts.
    if (parts.length === 0) this.#changes.dropped(path);
    else this.#contents.push({ role, parts });
  }

  #systemMessage(message: NeutralMessage, path: string): void {
    // There is one system instruction, ahead of all turns.
    if (this.#contents.length > 0) this.#changes.approximated(path);
    for (const [place, part] of placed(message.parts, path, this.#changes)) {
      if (part.type === 'text') this.#system.push({ text: part.text });
      else this.#changes.dropped(place);
    }
  }

  #toolMessage(message: NeutralMessage, path: string): void {
    for (const part of message.parts) {
      if (part.type !== 'tool-result') {
        this.#changes.dropped(path);
        continue;
      }
      const name = this.#called.get(part.toolCallId);
      if (name === undefined) throw unmatched(part.toolCallId);
      if (!this.#results) {
        this.#results = [];
        this.#contents.push({ role: 'user', parts: this.#results });
      }
      const id = this.#options.callIds ? part.toolCallId : null;
      const { response, further, media } = encodeToolResult(part, path, this.#changes, this.#options.fileBase);
      const functionResponse = { ...(id !== null && { id }), name, response, ...further };
      this.#results.push({ functionResponse }, ...media);
    }
  }

  #userParts(parts: readonly NeutralPart[], path: string): JsonObject[] {
    const encoded: JsonObject[] = [];
    for (const [place, part] of placed(parts, path, this.#changes)) {
      const value = encodePart(part, place, this.#options.fileBase, this.#changes);
      if (value) encoded.push(value);
    }
    return encoded;
  }

  #modelParts(parts: readonly NeutralPart[], path: string): readonly JsonObject[] {
    const dropsText = this.#dropsTextBesideCalls && parts.some((part) => part.type === 'tool-call');
    const encoded: JsonObject[] = [];
    let textSignature: string | undefined;
    let lacksSignature = this.#options.needsSignatures;
    for (const [place, part] of placed(parts, path, this.#changes)) {
      if (part.type === 'tool-call') {
        const signature = part.signature ?? (lacksSignature ? NO_SIGNATURE : undefined);
        lacksSignature = false;
        encoded.push(this.#call(part, signature));
      } else if (part.type === 'reasoning') {
        if (part.encrypted !== undefined) this.#changes.dropped(`${path}.reasoning_details`);
        else if (part.text !== '') encoded.push({ text: part.text, thought: true });
        // Thoughts are not signed themselves; a stream gives the signature of the text together with them.
        textSignature = part.signature ?? textSignature;
      } else if (dropsText) {
        this.#changes.dropped(`${path}.content`);
      } else {
        const value = encodePart(part, place, this.#options.fileBase, this.#changes);
        if (value) encoded.push(value);
      }
    }
    return textSignature === undefined ? encoded : withTextSignature(encoded, textSignature);
  }

  #call({ id, name, arguments: text }: ToolCallPart, signature: string | undefined): JsonObject {
    if (name === '') {
      throw new GatewayError('invalid_body', `Invalid assistant tool call: no function name for tool_call_id=${id}.`);
    }
    this.#called.set(id, name);
    const args = parseArguments(text, id, name);
    return signed({ functionCall: this.#options.callIds ? { id, name, args } : { name, args } }, signature);
  }
}

function parseArguments(text: string, id: string, name: string): JsonObject {
  if (text.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (isJsonObject(parsed)) return parsed;
  } catch {
    // Said below.
  }
  const message = `Invalid assistant tool call arguments: not a JSON object for tool_call_id=${id}, tool_name=${name}.`;
  throw new GatewayError('invalid_body', message);
}

function unmatched(id: string): GatewayError {
  const message = `Invalid tool message: tool_call_id=${id} does not match any tool call in a preceding assistant message.`;
  return new GatewayError('invalid_body', message);
}
