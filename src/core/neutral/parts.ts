import type { JsonObject } from '../types.ts';

/** Where the bytes of an image, a recording or a document are. */
export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }
  /** A file that was uploaded to the provider before. */
  | { readonly kind: 'file'; readonly id: string; readonly mediaType?: string };

interface PartBase {
  /** A prompt-cache mark in Anthropic's notation, `{"type":"ephemeral","ttl":"1h"}`: the prompt up to here is worth keeping. */
  readonly cacheControl?: JsonObject;
  /** Fields that the neutral shape does not know, by the name that the client's dialect gives them. */
  readonly rest?: JsonObject;
}

export interface TextPart extends PartBase {
  readonly type: 'text';
  readonly text: string;
}

export interface ImagePart extends PartBase {
  readonly type: 'image';
  readonly source: MediaSource;
  /** OpenAI's `low`, `high` or `auto`. */
  readonly detail?: string;
}

export interface AudioPart extends PartBase {
  readonly type: 'audio';
  readonly source: MediaSource;
}

export interface DocumentPart extends PartBase {
  readonly type: 'document';
  readonly source: MediaSource;
  readonly name?: string;
}

/** What a model thought before it answered. A provider that signs it wants it back unchanged on the next turn. */
export interface ReasoningPart extends PartBase {
  readonly type: 'reasoning';
  readonly text: string;
  readonly signature?: string;
  /** Reasoning that the provider encrypted; `text` is empty then. */
  readonly encrypted?: string;
}

export interface ToolCallPart extends PartBase {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** JSON text, exactly as the client or the model wrote it; may be empty for a call without arguments. */
  readonly arguments: string;
  /** Gemini's thought signature, which belongs to the call. */
  readonly signature?: string;
}

export interface ToolResultPart extends PartBase {
  readonly type: 'tool-result';
  readonly toolCallId: string;
  readonly parts: readonly NeutralPart[];
  readonly isError?: boolean;
}

export interface RefusalPart extends PartBase {
  readonly type: 'refusal';
  readonly text: string;
}

/** A part of a kind that the neutral shape does not know, as the client wrote it. */
export interface OtherPart {
  readonly type: 'other';
  readonly value: JsonObject;
  /** What it says in words, for a provider that does not know its kind. */
  readonly text?: string;
}

export type NeutralPart =
  | TextPart
  | ImagePart
  | AudioPart
  | DocumentPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart
  | RefusalPart
  | OtherPart;

/** The texts of all text parts, joined; other parts are passed over. */
export function textOf(parts: readonly NeutralPart[], separator = ''): string {
  const texts: string[] = [];
  for (const part of parts) if (part.type === 'text') texts.push(part.text);
  return texts.join(separator);
}

/** The text of a document that is one, for APIs that take none as a file, with its name; null for other documents. */
export function documentText({ source, name }: DocumentPart): string | null {
  if (source.kind !== 'base64' || !source.mediaType.startsWith('text/')) return null;
  const text = Buffer.from(source.data, 'base64').toString('utf8');
  return name === undefined ? text : `${name}\n\n${text}`;
}
