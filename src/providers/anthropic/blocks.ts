import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type {
  DocumentPart,
  ImagePart,
  MediaSource,
  NeutralPart,
  OtherPart,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
} from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/**
 * The content block of a part, or null for one that cannot be sent. `path` is the part's in the client's body. Throws a
 * GatewayError (422) for media that the API does not take: an answer that ignores them would mislead.
 */
export function blockOf(part: NeutralPart, path: string, changes: Changes): JsonObject | null {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...extras(part, TEXT, path, changes) };
    case 'refusal':
      return { type: 'text', text: part.text, ...extras(part, NONE, path, changes) };
    case 'image':
      return image(part, path, changes);
    case 'document':
      return document(part, path, changes);
    case 'reasoning':
      return thinking(part, path, changes);
    case 'tool-call':
      return toolUse(part, path, changes);
    case 'tool-result':
      return toolResult(part, path, changes);
    case 'audio':
      throw new GatewayError('invalid_body', `Claude takes no audio, which is at '${path}'.`, { parameter: path });
    case 'other':
      return otherBlock(part, path, changes);
  }
}

/** The kinds of parts and items that other APIs have, which this one would refuse. */
const FOREIGN =
  /^(?:custom|item_reference|file|video_url|input_\w+|output_\w+|image_url|guardrail\w*|mcp_(?:list_tools|approval_\w+)|(?:\w+_)?call(?:_output)?)$/;

/** A block of the API's own, such as those of its server tools; of another one what it says in words. */
function otherBlock({ value, text }: OtherPart, path: string, changes: Changes): JsonObject | null {
  if (typeof value.type === 'string' && !FOREIGN.test(value.type)) return value;
  if (text === undefined || text.trim() === '') {
    changes.dropped(path);
    return null;
  }
  changes.approximated(path);
  return { type: 'text', text };
}

/** The fields that blocks have beyond the neutral shape; under their own names they pass. */
const NONE: ReadonlySet<string> = new Set();
const TEXT: ReadonlySet<string> = new Set(['citations']);
const IMAGE: ReadonlySet<string> = new Set(['transformations']);
const DOCUMENT: ReadonlySet<string> = new Set(['citations', 'context', 'title']);
const TOOL_USE: ReadonlySet<string> = new Set(['caller', 'toolset_name']);
const TOOL_RESULT: ReadonlySet<string> = new Set(['toolset_name']);

function extras(
  { cacheControl, rest }: { readonly cacheControl?: JsonObject; readonly rest?: JsonObject },
  known: ReadonlySet<string>,
  path: string,
  changes: Changes,
): JsonObject {
  const fields: JsonObject = {};
  for (const field in rest) {
    if (known.has(field)) fields[field] = rest[field];
    else changes.dropped(`${path}.${field}`);
  }
  if (cacheControl) fields.cache_control = cacheControl;
  return fields;
}

function image(part: ImagePart, path: string, changes: Changes): JsonObject {
  if (part.detail !== undefined && part.detail !== 'auto') changes.dropped(`${path}.image_url.detail`);
  return { type: 'image', source: mediaSource(part.source), ...extras(part, IMAGE, path, changes) };
}

/** https://docs.anthropic.com/en/docs/build-with-claude/vision, …/pdf-support, …/files */
function mediaSource(source: MediaSource): JsonObject {
  switch (source.kind) {
    case 'base64':
      // Some clients call it by its ending, which the API refuses.
      return { type: 'base64', media_type: source.mediaType.replace('image/jpg', 'image/jpeg'), data: source.data };
    case 'url':
      return { type: 'url', url: source.url };
    case 'file':
      return { type: 'file', file_id: source.id };
  }
}

function document(part: DocumentPart, path: string, changes: Changes): JsonObject {
  const { source, name } = part;
  if (source.kind === 'base64' && source.mediaType.startsWith('image/')) {
    return { type: 'image', source: mediaSource(source), ...extras(part, IMAGE, path, changes) };
  }
  return {
    type: 'document',
    source: documentSource(source, path),
    ...(name !== undefined && { title: name }),
    ...extras(part, DOCUMENT, path, changes),
  };
}

/** Besides PDF the API takes plain text, and that not as base64. */
function documentSource(source: MediaSource, path: string): JsonObject {
  if (source.kind !== 'base64' || source.mediaType === 'application/pdf') return mediaSource(source);
  if (!isText(source.mediaType)) {
    throw new GatewayError(
      'invalid_body',
      `Claude takes documents as PDF or text; the one at '${path}' is ${source.mediaType}.`,
      { parameter: path },
    );
  }
  return { type: 'text', media_type: 'text/plain', data: Buffer.from(source.data, 'base64').toString('utf8') };
}

function isText(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json' || mediaType === 'application/xml';
}

/** Thinking without the signature of the model that thought it is refused. */
function thinking(part: ReasoningPart, path: string, changes: Changes): JsonObject | null {
  const { text, signature, encrypted, rest, cacheControl } = part;
  if (cacheControl) changes.dropped(`${path}.cache_control`);
  for (const field in rest) changes.dropped(`${path}.${field}`);
  if (encrypted !== undefined) return { type: 'redacted_thinking', data: encrypted };
  if (signature !== undefined) return { type: 'thinking', thinking: text, signature };
  changes.dropped(path);
  return null;
}

function toolUse(part: ToolCallPart, path: string, changes: Changes): JsonObject {
  if (part.signature !== undefined) changes.dropped(`${path}.thought_signature`);
  return {
    type: 'tool_use',
    id: toolUseId(part.id),
    name: part.name,
    input: inputOf(part, path),
    ...extras(part, TOOL_USE, path, changes),
  };
}

function inputOf({ id, arguments: text }: ToolCallPart, path: string): JsonObject {
  if (text.trim() === '') return {};
  try {
    const input: unknown = JSON.parse(text);
    if (isJsonObject(input)) return input;
  } catch {
    // Said below.
  }
  throw new GatewayError('invalid_body', `The arguments of the tool call '${id}' are not a JSON object.`, {
    parameter: path,
  });
}

/** Ids that other providers gave may have characters that this API refuses. */
function toolUseId(id: string): string {
  return /^[\w-]+$/.test(id) ? id : id.replace(/[^\w-]/g, '_');
}

function toolResult(part: ToolResultPart, path: string, changes: Changes): JsonObject {
  const content = contentOf(part.parts, path, changes);
  return {
    type: 'tool_result',
    tool_use_id: toolUseId(part.toolCallId),
    ...(part.parts.length > 0 && { content }),
    ...(part.isError !== undefined && { is_error: part.isError }),
    ...extras(part, TOOL_RESULT, path, changes),
  };
}

/** The content of the message at `path`: a text alone goes as a text, everything else as a list of blocks. */
export function contentOf(parts: readonly NeutralPart[], path: string, changes: Changes): string | JsonObject[] {
  const [only] = parts;
  if (parts.length <= 1 && (!only || isPlainText(only))) return only?.text ?? '';
  const blocks: JsonObject[] = [];
  let contents = 0;
  let calls = 0;
  for (const part of parts) {
    // Where clients write it: what a model thought and the tools that it called stand beside the content.
    let at = `${path}.reasoning_content`;
    if (part.type === 'tool-call') at = `${path}.tool_calls.${calls++}`;
    else if (part.type !== 'reasoning') at = `${path}.content.${contents++}`;
    const block = isEmptyText(part) ? null : blockOf(part, at, changes);
    if (block) blocks.push(block);
  }
  return blocks;
}

function isPlainText(part: NeutralPart): part is NeutralPart & { type: 'text' } {
  return part.type === 'text' && !part.cacheControl && !part.rest;
}

/** The API refuses text blocks without a visible character, which say nothing beside other blocks. */
function isEmptyText(part: NeutralPart): boolean {
  return part.type === 'text' && part.text.trim() === '';
}
