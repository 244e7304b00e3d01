import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage, NeutralTool, OtherTool } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { audioFormat, urlOfSource } from '../openai/media.ts';

/**
 * For tests: writes a neutral chat request in OpenAI's format again, so that a test can see what decoding lost. It is
 * no provider's wire, since providers of this format get the client's own bytes.
 */
export function encodeOpenAIBody(request: NeutralChatRequest): JsonObject {
  const { settings, responseFormat, reasoning } = request;
  return {
    messages: request.messages.map(encodeMessage),
    ...(request.tools.length > 0 && { tools: request.tools.map(encodeTool) }),
    ...(request.toolChoice !== undefined && {
      tool_choice:
        typeof request.toolChoice === 'string'
          ? request.toolChoice
          : { type: 'function', function: request.toolChoice },
    }),
    ...(request.parallelToolCalls !== undefined && { parallel_tool_calls: request.parallelToolCalls }),
    ...(responseFormat && { response_format: responseFormat }),
    ...(reasoning?.effort !== undefined && { reasoning_effort: reasoning.effort }),
    ...((reasoning?.mode !== undefined || reasoning?.budgetTokens !== undefined) && {
      thinking: {
        ...(reasoning.mode !== undefined && { type: reasoning.mode }),
        ...(reasoning.budgetTokens !== undefined && { budget_tokens: reasoning.budgetTokens }),
      },
    }),
    ...settings,
    ...(request.stream && { stream: true }),
    ...request.rest,
  };
}

function encodeTool(tool: NeutralTool | OtherTool): JsonObject {
  if ('other' in tool) return tool.other;
  const { rest, cacheControl, ...definition } = tool;
  return { type: 'function', function: definition, ...mark(cacheControl), ...rest };
}

function encodeMessage({ role, parts, rest }: NeutralMessage): JsonObject {
  const [result] = parts;
  if (result?.type === 'tool-result') {
    return {
      role,
      tool_call_id: result.toolCallId,
      ...content(result.parts),
      ...(result.isError !== undefined && { is_error: result.isError }),
      ...mark(result.cacheControl),
      ...result.rest,
      ...rest,
    };
  }
  const calls = parts.filter((part) => part.type === 'tool-call' || isCustomCall(part));
  const reasoning = parts.filter((part) => part.type === 'reasoning');
  const shown = parts.filter((part) => part.type !== 'reasoning' && !calls.includes(part));
  return {
    role,
    ...content(shown),
    ...(reasoning.length > 0 && { reasoning_details: reasoning.map(encodePart) }),
    ...(calls.length > 0 && { tool_calls: calls.map(encodePart) }),
    ...rest,
  };
}

function content(parts: readonly NeutralPart[]): JsonObject {
  if (parts.length === 0) return {};
  const [only] = parts;
  const isPlain = parts.length === 1 && only?.type === 'text' && !only.cacheControl && !only.rest;
  return { content: isPlain ? only.text : parts.map(encodePart) };
}

const isCustomCall = (part: NeutralPart): boolean => part.type === 'other' && part.value.type === 'custom';

const mark = (cacheControl: JsonObject | undefined): JsonObject =>
  cacheControl ? { cache_control: cacheControl } : {};

function encodePart(part: NeutralPart): JsonObject {
  if (part.type === 'other') return part.value;
  return { ...encodeKnownPart(part), ...mark(part.cacheControl), ...part.rest };
}

function encodeKnownPart(part: Exclude<NeutralPart, { type: 'other' }>): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'refusal', refusal: part.text };
    case 'image':
      return {
        type: 'image_url',
        image_url: { url: urlOfSource(part.source), ...(part.detail !== undefined && { detail: part.detail }) },
      };
    case 'audio': {
      const { source } = part;
      if (source.kind !== 'base64') return { type: 'input_audio', input_audio: { data: urlOfSource(source) } };
      return { type: 'input_audio', input_audio: { data: source.data, format: audioFormat(source.mediaType) } };
    }
    case 'document': {
      const { source, name } = part;
      const bytes = source.kind === 'file' ? { file_id: source.id } : { file_data: urlOfSource(source) };
      return { type: 'file', file: { ...bytes, ...(name !== undefined && { filename: name }) } };
    }
    case 'reasoning':
      if (part.encrypted !== undefined) return { type: 'reasoning.encrypted', data: part.encrypted, text: part.text };
      return { type: 'reasoning.text', text: part.text, signature: part.signature };
    case 'tool-call':
      return {
        id: part.id,
        type: 'function',
        function: { name: part.name, arguments: part.arguments },
        ...(part.signature !== undefined && { thought_signature: part.signature }),
      };
    case 'tool-result':
      return { type: 'tool_result', tool_call_id: part.toolCallId, content: part.parts.map(encodePart) };
  }
}
