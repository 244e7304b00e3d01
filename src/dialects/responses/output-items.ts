import type { ImagePart, NeutralPart, ReasoningPart, ToolCallPart } from '../../core/neutral/parts.ts';
import { carry } from '../../core/openai/carried.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { audioFormat, urlOfSource } from '../openai/media.ts';
import { type ClientTool, inputOfArguments } from './tool-names.ts';

/** https://platform.openai.com/docs/api-reference/responses/object#responses-object-output */
export function messageItem(id: string, status: string, content: readonly JsonObject[]): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content };
}

export interface TextFields {
  readonly annotations: readonly unknown[];
  readonly logprobs: readonly unknown[];
  /** The provider's own citations, which the client may send back to it. */
  readonly citations: readonly unknown[];
}

export const NO_FIELDS: TextFields = { annotations: [], logprobs: [], citations: [] };

export function textPart(text: string, { annotations, logprobs, citations }: TextFields): JsonObject {
  return { type: 'output_text', text, annotations, logprobs, ...(citations.length > 0 && { citations }) };
}

export function refusalPart(refusal: string): JsonObject {
  return { type: 'refusal', refusal };
}

/** What the provider signed goes with it even where that is nothing: some clients drop reasoning that has no such content. */
export function reasoningItem(id: string, provider: string, part: Omit<ReasoningPart, 'type'>): JsonObject {
  const { text, signature, encrypted } = part;
  const signed = { ...(signature !== undefined && { signature }), ...(encrypted !== undefined && { encrypted }) };
  return {
    id,
    type: 'reasoning',
    summary: text === '' ? [] : [{ type: 'summary_text', text }],
    encrypted_content: carry(provider, { kind: 'reasoning', ...signed }),
  };
}

/** An item that says nothing to the client and carries the signature of a call to the next turn. */
export function callSignatureItem(id: string, provider: string, callId: string, signature: string): JsonObject {
  return carrier(id, carry(provider, { kind: 'call', id: callId, signature }));
}

function carrier(id: string, encrypted: string): JsonObject {
  return { id, type: 'reasoning', summary: [], encrypted_content: encrypted };
}

type Call = Pick<ToolCallPart, 'name' | 'arguments' | 'rest'> & { readonly id: string };

export function callItem(id: string, status: string, tool: ClientTool, call: Call): JsonObject {
  const common = {
    id,
    status,
    call_id: call.id,
    name: tool.name,
    ...(tool.namespace !== null && { namespace: tool.namespace }),
  };
  if (tool.isCustom)
    return { type: 'custom_tool_call', ...common, input: inputOfArguments(call.arguments), ...call.rest };
  // Clients parse the arguments, so a call that never had any gets `{}`.
  return { type: 'function_call', ...common, arguments: call.arguments === '' ? '{}' : call.arguments, ...call.rest };
}

/** The kinds of parts that come whole and are items of their own. */
export type WholePart = Exclude<NeutralPart, { type: 'text' | 'refusal' | 'reasoning' | 'tool-call' | 'audio' }>;

export function wholeItem(suffix: string, provider: string, part: WholePart): JsonObject {
  if (part.type === 'image') return imageItem(`ig_${suffix}`, part);
  const value = part.type === 'other' ? part.value : { ...part };
  return customCall(`ctc_${suffix}`, value) ?? carrier(`rs_${suffix}`, carry(provider, { kind: 'part', value }));
}

/** A call of a tool that takes free text, of an upstream that has such tools. */
function customCall(id: string, value: JsonObject): JsonObject | null {
  const { type, custom, id: callId } = value;
  if (type !== 'custom' || !isJsonObject(custom)) return null;
  return {
    id,
    type: 'custom_tool_call',
    status: 'completed',
    call_id: callId ?? id,
    name: custom.name,
    input: custom.input,
  };
}

function imageItem(id: string, { source, rest }: ImagePart): JsonObject {
  const format = source.kind === 'base64' ? source.mediaType.slice(source.mediaType.indexOf('/') + 1) : null;
  return {
    id,
    type: 'image_generation_call',
    status: 'completed',
    result: source.kind === 'base64' ? source.data : null,
    ...(format === null ? { image_url: urlOfSource(source) } : { output_format: format }),
    ...rest,
  };
}

export function audioPart({ source, rest }: Extract<NeutralPart, { type: 'audio' }>): JsonObject {
  const isInline = source.kind === 'base64';
  return {
    type: 'output_audio',
    data: isInline ? source.data : '',
    transcript: '',
    ...(isInline ? { format: audioFormat(source.mediaType) } : { url: urlOfSource(source) }),
    ...rest,
  };
}
