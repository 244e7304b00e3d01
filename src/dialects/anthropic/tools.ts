import type { NeutralMessage, NeutralTool, OtherTool, ToolChoice } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { otherFields } from '../openai/fields.ts';
import { marked, type Places } from '../places.ts';
import { knownTools } from './deferred-tools.ts';
import {
  invalidType,
  listAt,
  objectAt,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredString,
} from './fields.ts';

const TOOL = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control']);

/** The client's own tools, and those that the provider runs or defines, which keep their shape. */
export function decodeTools(
  { tools: value, tool_choice: choice }: JsonObject,
  messages: readonly NeutralMessage[],
  places: Places | null = null,
): Array<NeutralTool | OtherTool> {
  const list = listAt(value, 'tools');
  const known = knownTools(list, choice, messages);
  return list.map((given, index) => {
    const path = `tools.${index}`;
    return marked(decodeTool(objectAt(given, path), path, known), path, places);
  });
}

function decodeTool(tool: JsonObject, path: string, known: ReadonlySet<unknown> | null): NeutralTool | OtherTool {
  const type = optionalString(tool, 'type', path);
  if (type !== undefined && type !== 'custom') return { other: tool };
  const description = optionalString(tool, 'description', path);
  const parameters = optionalObject(tool, 'input_schema', path);
  const strict = optionalBoolean(tool, 'strict', path);
  const cacheControl = optionalObject(tool, 'cache_control', path);
  const rest = otherFields(tool, TOOL);
  return {
    name: requiredString(tool, 'name', path),
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict !== undefined && { strict }),
    ...(known !== null && tool.defer_loading === true && { deferred: !known.has(tool.name) }),
    ...(cacheControl && { cacheControl }),
    ...(rest && { rest }),
  };
}

export interface ToolUse {
  /** Null for a choice that the neutral shape does not know. */
  readonly choice: ToolChoice | null;
  readonly isOneByOne: boolean;
}

/** https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use#controlling-claudes-output */
export function decodeToolChoice(value: unknown): ToolUse {
  if (!isJsonObject(value)) throw invalidType('tool_choice', 'a valid dictionary');
  const isOneByOne = optionalBoolean(value, 'disable_parallel_tool_use', 'tool_choice') === true;
  switch (requiredString(value, 'type', 'tool_choice')) {
    case 'auto':
      return { choice: 'auto', isOneByOne };
    case 'any':
      return { choice: 'required', isOneByOne };
    case 'none':
      return { choice: 'none', isOneByOne };
    case 'tool':
      return { choice: { name: requiredString(value, 'name', 'tool_choice') }, isOneByOne };
    default:
      return { choice: null, isOneByOne };
  }
}
