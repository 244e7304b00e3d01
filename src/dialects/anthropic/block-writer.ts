import type { ToolCallDelta } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { latin1FromUtf8 } from '../latin1.ts';
import { toolUse } from './content.ts';
import { JsonProgress } from './json-progress.ts';

/** A piece of an answer's content. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string; readonly extras?: JsonObject }
  | { readonly kind: 'citation'; readonly citation: unknown }
  | { readonly kind: 'thinking'; readonly text: string }
  | { readonly kind: 'signature'; readonly signature: string }
  | { readonly kind: 'call'; readonly delta: ToolCallDelta }
  /** A block that comes whole. */
  | { readonly kind: 'block'; readonly block: JsonObject };

interface OpenBlock {
  readonly kind: 'text' | 'thinking' | 'call';
  readonly index: number;
  /** Of a call: its ordinal, and how far its arguments are. */
  readonly call: { readonly ordinal: number; readonly arguments: JsonProgress } | null;
  isSigned: boolean;
}

/**
 * Writes content blocks one after another, as the API has them, with `index` from 0. Other providers write several calls
 * at once: what comes while a call's arguments are incomplete waits until they are whole, or the answer ends. What is
 * returned is Latin-1. https://docs.anthropic.com/en/docs/build-with-claude/streaming#event-types
 */
export class BlockWriter {
  #output = '';
  #next = 0;
  #open: OpenBlock | null = null;
  #waiting: Piece[] = [];
  readonly #begunCalls = new Set<number>();
  /** The event of a text, before that text. */
  #beforeText = '';

  get hasCalls(): boolean {
    return this.#begunCalls.size > 0;
  }

  /** The event of a text that goes on; null where it does not. */
  moreText(text: string): string | null {
    if (this.#open?.kind !== 'text') return null;
    return `${this.#beforeText}${latin1FromUtf8(JSON.stringify(text))}}}\n\n`;
  }

  write(piece: Piece): string {
    this.#accept(piece);
    this.#release();
    return this.#take();
  }

  /** Everything that still waits, and the end of the last block. */
  end(): string {
    this.#close();
    while (this.#waiting.length > 0) {
      this.#release();
      this.#close();
    }
    return this.#take();
  }

  #take(): string {
    const output = this.#output;
    this.#output = '';
    return output;
  }

  #accept(piece: Piece): void {
    const belongs = piece.kind === 'call' && this.#open?.call?.ordinal === piece.delta.index;
    if (!belongs && (this.#isIncomplete || this.#waiting.length > 0)) this.#waiting.push(piece);
    else this.#emit(piece);
  }

  get #isIncomplete(): boolean {
    const call = this.#open?.call;
    return call ? !call.arguments.isWhole : false;
  }

  #release(): void {
    while (this.#waiting.length > 0 && !this.#isIncomplete) {
      const pieces = this.#waiting;
      this.#waiting = [];
      for (const piece of pieces) this.#accept(piece);
    }
  }

  #emit(piece: Piece): void {
    switch (piece.kind) {
      case 'text':
        this.#ensure('text', { type: 'text', text: '' });
        return this.#delta({ type: 'text_delta', text: piece.text }, piece.extras);
      case 'citation':
        this.#ensure('text', { type: 'text', text: '' });
        return this.#delta({ type: 'citations_delta', citation: piece.citation });
      case 'thinking':
        this.#ensureThinking();
        return this.#delta({ type: 'thinking_delta', thinking: piece.text });
      case 'signature':
        return this.#sign(piece.signature);
      case 'call':
        return this.#call(piece.delta);
      case 'block':
        return this.#whole(piece.block);
    }
  }

  #ensure(kind: OpenBlock['kind'], block: JsonObject): void {
    if (this.#open?.kind !== kind) this.#begin(kind, block);
  }

  /** The text after a signature was signed apart from the text before it. */
  #ensureThinking(): void {
    if (this.#open?.isSigned) this.#close();
    this.#ensure('thinking', { type: 'thinking', thinking: '', signature: '' });
  }

  #sign(signature: string): void {
    this.#ensureThinking();
    this.#delta({ type: 'signature_delta', signature });
    if (this.#open) this.#open.isSigned = true;
  }

  #call(delta: ToolCallDelta): void {
    const { index: ordinal, id = '', name = '', arguments: piece = '', signature } = delta;
    if (this.#open?.call?.ordinal !== ordinal) {
      // Nothing can be added to a block that is closed; what comes after whole arguments is white space.
      if (this.#begunCalls.has(ordinal)) return;
      this.#begunCalls.add(ordinal);
      const block = toolUse({ id, name, ...(signature !== undefined && { signature }) });
      this.#begin('call', block, { ordinal, arguments: new JsonProgress() });
    } else if (signature !== undefined) this.#delta({ type: 'signature_delta', signature });
    if (piece === '') return;
    this.#open?.call?.arguments.push(piece);
    this.#delta({ type: 'input_json_delta', partial_json: piece });
  }

  /** Clients put together the input of server tools from its pieces, as that of their own. */
  #whole(block: JsonObject): void {
    const { type, input } = block;
    const hasInput = typeof type === 'string' && type.endsWith('_use') && isJsonObject(input);
    this.#begin(null, hasInput ? { ...block, input: {} } : block);
    const index = this.#next - 1;
    if (hasInput) this.#event('content_block_delta', { index, delta: inputDelta(input) });
    this.#event('content_block_stop', { index });
  }

  #begin(kind: OpenBlock['kind'] | null, block: JsonObject, call: OpenBlock['call'] = null): void {
    this.#close();
    const index = this.#next;
    this.#next += 1;
    this.#event('content_block_start', { index, content_block: block });
    if (kind === null) return;
    this.#open = { kind, index, call, isSigned: false };
    if (kind === 'text') {
      this.#beforeText = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"text_delta","text":`;
    }
  }

  #delta(delta: JsonObject, extras?: JsonObject): void {
    this.#event('content_block_delta', { index: this.#open?.index, delta, ...extras });
  }

  #close(): void {
    const block = this.#open;
    this.#open = null;
    if (block) this.#event('content_block_stop', { index: block.index });
  }

  #event(type: string, fields: JsonObject): void {
    this.#output += eventOf(type, fields);
  }
}

function inputDelta(input: JsonObject): JsonObject {
  return { type: 'input_json_delta', partial_json: JSON.stringify(input) };
}

export function eventOf(type: string, fields: JsonObject): string {
  return `event: ${type}\ndata: ${latin1FromUtf8(JSON.stringify({ type, ...fields }))}\n\n`;
}
