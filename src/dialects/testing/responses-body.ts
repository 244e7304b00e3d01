import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage, NeutralTool, OtherTool } from '../../core/neutral/request.ts';
import { carry } from '../../core/openai/carried.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { audioFormat, urlOfSource } from '../openai/media.ts';
import { toAnnotation } from '../responses/annotations.ts';
import { inputOfArguments } from '../responses/tool-names.ts';

/**
 * For tests: writes a neutral chat request in the format of the Responses API again, so that a test can see what decoding
 * lost. `custom` names the tools that take free text. No provider is written to like this, since those with this API get
 * the client's own bytes.
 */
export function encodeResponsesBody(request: NeutralChatRequest, custom: ReadonlySet<string> = new Set()): JsonObject {
  const { messages, settings, reasoning, responseFormat, toolChoice, parallelToolCalls, tools } = request;
  const { verbosity, logprobs, reasoning: whole, tool_choice: otherChoice, ...rest } = request.rest;
  const { max_completion_tokens: maximum, ...others } = settings;
  const text = {
    ...(responseFormat && { format: formatOf(responseFormat) }),
    ...(verbosity !== undefined && { verbosity }),
  };
  const choice = toolChoice ?? choiceOf(otherChoice);
  return {
    input: messages.flatMap((message) => itemsOf(message, custom)),
    ...(tools.length > 0 && { tools: tools.map((tool) => toolOf(tool, custom)) }),
    ...(choice !== undefined && {
      tool_choice: isJsonObject(choice) && toolChoice ? { type: 'function', ...choice } : choice,
    }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
    ...(Object.keys(text).length > 0 && { text }),
    ...((reasoning !== undefined || whole !== undefined) && { reasoning: whole ?? reasoning }),
    ...(maximum !== undefined && { max_output_tokens: maximum }),
    ...(logprobs === true && { include: ['message.output_text.logprobs'] }),
    ...(request.stream && { stream: true }),
    ...others,
    ...rest,
  };
}

function formatOf(format: NonNullable<NeutralChatRequest['responseFormat']>): JsonObject {
  return format.type === 'json_schema' ? { type: format.type, ...format.json_schema } : { type: format.type };
}

function choiceOf(choice: unknown): unknown {
  if (!isJsonObject(choice) || !isJsonObject(choice.allowed_tools)) return choice;
  const { mode, tools } = choice.allowed_tools;
  const flat = (tool: unknown) => (isJsonObject(tool) ? { type: tool.type, ...(tool.function as JsonObject) } : tool);
  return { type: choice.type, mode, tools: Array.isArray(tools) ? tools.map(flat) : tools };
}

function toolOf(tool: NeutralTool | OtherTool, custom: ReadonlySet<string>): JsonObject {
  if ('other' in tool) return tool.other;
  const { rest, cacheControl, parameters, ...definition } = tool;
  const mark = cacheControl ? { cache_control: cacheControl } : {};
  if (custom.has(tool.name)) return { type: 'custom', ...definition, ...mark, ...rest };
  return { type: 'function', ...definition, ...(parameters && { parameters }), ...mark, ...rest };
}

function itemsOf({ role, parts, rest }: NeutralMessage, custom: ReadonlySet<string>): JsonObject[] {
  const items: JsonObject[] = [];
  let content: JsonObject[] | null = null;
  for (const part of parts) {
    const item = itemOf(part, role, custom);
    if (item) {
      items.push(item);
      content = null;
      continue;
    }
    if (!content) {
      content = [];
      items.push({ type: 'message', role, content, ...rest });
    }
    content.push(contentOf(part, role));
  }
  return items;
}

function itemOf(part: NeutralPart, role: string, custom: ReadonlySet<string>): JsonObject | null {
  switch (part.type) {
    case 'reasoning': {
      const { text, signature, encrypted, rest } = part;
      const isSigned = signature !== undefined || encrypted !== undefined;
      const token = carry('p', {
        kind: 'reasoning',
        ...(signature !== undefined && { signature }),
        ...(encrypted !== undefined && { encrypted }),
      });
      const summary = text === '' ? [] : [{ type: 'summary_text', text }];
      return { type: 'reasoning', summary, ...(isSigned && { encrypted_content: token }), ...rest };
    }
    case 'tool-call':
      return custom.has(part.name)
        ? {
            type: 'custom_tool_call',
            call_id: part.id,
            name: part.name,
            input: inputOfArguments(part.arguments),
            ...part.rest,
          }
        : { type: 'function_call', call_id: part.id, name: part.name, arguments: part.arguments, ...part.rest };
    case 'tool-result': {
      const [only] = part.parts;
      const isText = part.parts.length === 1 && only?.type === 'text';
      const output = isText ? only.text : part.parts.map((inner) => contentOf(inner, 'user'));
      return { type: 'function_call_output', call_id: part.toolCallId, output, ...part.rest };
    }
    case 'image':
      if (role !== 'assistant' || part.source.kind !== 'base64') return null;
      return {
        type: 'image_generation_call',
        result: part.source.data,
        output_format: part.source.mediaType.slice('image/'.length),
        ...part.rest,
      };
    case 'other':
      return part.value;
    default:
      return null;
  }
}

function contentOf(part: NeutralPart, role: string): JsonObject {
  if (part.type === 'other') return part.value;
  const { annotations, ...rest } = part.rest ?? {};
  const mark = part.cacheControl ? { cache_control: part.cacheControl } : {};
  const listed = Array.isArray(annotations) ? { annotations: annotations.map((item) => toAnnotation(item, 0)) } : {};
  return { ...knownContent(part, role), ...listed, ...rest, ...mark };
}

function knownContent(part: NeutralPart, role: string): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: role === 'assistant' ? 'output_text' : 'input_text', text: part.text };
    case 'refusal':
      return { type: 'refusal', refusal: part.text };
    case 'image':
      return {
        type: 'input_image',
        ...(part.source.kind === 'file' ? { file_id: part.source.id } : { image_url: urlOfSource(part.source) }),
        ...(part.detail !== undefined && { detail: part.detail }),
      };
    case 'document': {
      const { source, name } = part;
      const named = name === undefined ? {} : { filename: name };
      if (source.kind === 'file') return { type: 'input_file', file_id: source.id, ...named };
      const field = source.kind === 'url' ? 'file_url' : 'file_data';
      return { type: 'input_file', [field]: urlOfSource(source), ...named };
    }
    case 'audio':
      if (part.source.kind !== 'base64') throw new Error('audio by URL');
      return {
        type: 'input_audio',
        input_audio: { data: part.source.data, format: audioFormat(part.source.mediaType) },
      };
    default:
      throw new Error(`a ${part.type} is no content`);
  }
}
