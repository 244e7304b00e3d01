import { GatewayError } from '../../core/errors.ts';
import type { NeutralPart, ToolCallPart, ToolResultPart } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import type { Context } from './messages.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html */
export function toolUseBlock(part: ToolCallPart, path: string, { surface, changes }: Context): JsonObject {
  if (part.signature !== undefined) changes.dropped(`${path}.thought_signature`);
  if (part.name === '') throw invalidCall('missing function name', part);
  return { toolUse: { toolUseId: toolUseId(part.id), name: part.name, input: readArguments(part, surface) } };
}

function readArguments(part: ToolCallPart, surface: Context['surface']): unknown {
  // A call without arguments; MLflow refuses it.
  if (part.arguments.trim() === '' && surface !== 'mlflow') return {};
  try {
    return JSON.parse(part.arguments);
  } catch {
    throw invalidCall('not valid JSON', part);
  }
}

function invalidCall(problem: string, { id, name }: ToolCallPart): GatewayError {
  return new GatewayError(
    'invalid_body',
    `Invalid assistant tool call arguments: ${problem} for tool_call_id=${id}, tool_name=${name}.`,
    { parameter: 'messages' },
  );
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlock.html */
export function toolResultBlock(
  part: ToolResultPart,
  path: string,
  context: Context,
  convert: (part: NeutralPart, path: string, context: Context) => JsonObject | null,
): JsonObject {
  const content: JsonObject[] = [];
  for (const [index, inner] of part.parts.entries()) {
    const at = `${path}.${index}`;
    const block = RESULT_PARTS.has(inner.type) ? convert(inner, at, context) : null;
    if (block) content.push(block);
    else if (!RESULT_PARTS.has(inner.type)) context.changes.dropped(at);
  }
  const error = part.isError === true ? { status: 'error' } : null;
  const isJoined =
    context.surface === 'mlflow' && content.length > 1 && content.every(({ text }) => text !== undefined);
  return {
    toolResult: {
      toolUseId: toolUseId(part.toolCallId),
      // As for messages: MLflow makes one text of a list of texts.
      content: isJoined ? [{ text: content.map(({ text }) => text).join('\n') }] : content,
      ...error,
    },
  };
}

const RESULT_PARTS: ReadonlySet<NeutralPart['type']> = new Set(['text', 'image', 'document', 'other']);

/** Bedrock takes letters, digits, `_` and `-`, at most 64; other providers' ids hold more. */
function toolUseId(id: string): string {
  return /^[\w-]{1,64}$/.test(id) ? id : id.replace(/[^\w-]/g, '_').slice(-64);
}
