import type { NeutralTool, OtherTool, ToolChoice } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import {
  invalidType,
  missing,
  optionalBoolean,
  optionalObject,
  optionalString,
  otherFields,
  otherFieldsOfBoth,
} from './fields.ts';

const TOOL = new Set(['type', 'function', 'cache_control']);
const FUNCTION = new Set(['name', 'description', 'parameters', 'strict', 'cache_control']);

/** https://platform.openai.com/docs/api-reference/chat/create#chat_create-tools */
export function decodeTools(tools: unknown): Array<NeutralTool | OtherTool> {
  if (!Array.isArray(tools)) throw invalidType('tools', 'an array of objects', tools);
  return tools.map((tool: unknown, index) => {
    const path = `tools[${index}]`;
    if (!isJsonObject(tool)) throw invalidType(path, 'an object', tool);
    // A provider's own tool may be named by its only member, as in `{"googleSearch": {}}`.
    const isUntyped = tool.type === undefined || tool.type === null;
    if (isUntyped && 'function' in tool) throw missing(`${path}.type`);
    if (tool.type !== 'function') return { other: tool };
    const definition = optionalObject(tool.function, `${path}.function`);
    if (!definition) throw missing(`${path}.function`);
    const rest = otherFieldsOfBoth(tool, TOOL, 'function', definition, FUNCTION);
    const cacheControl =
      optionalObject(tool.cache_control, `${path}.cache_control`) ??
      optionalObject(definition.cache_control, `${path}.function.cache_control`);
    return {
      ...functionTool(definition, `${path}.function`),
      ...(cacheControl && { cacheControl }),
      ...(rest && { rest }),
    };
  });
}

/** The deprecated form of `tools`. */
export function decodeFunctions(functions: unknown): NeutralTool[] {
  if (!Array.isArray(functions)) throw invalidType('functions', 'an array of objects', functions);
  return functions.map((definition: unknown, index) => {
    const path = `functions[${index}]`;
    if (!isJsonObject(definition)) throw invalidType(path, 'an object', definition);
    const rest = otherFields(definition, FUNCTION);
    return { ...functionTool(definition, path), ...(rest && { rest }) };
  });
}

function functionTool(definition: JsonObject, path: string): NeutralTool {
  const name = optionalString(definition.name, `${path}.name`);
  if (name === undefined) throw missing(`${path}.name`);
  const description = optionalString(definition.description, `${path}.description`);
  const parameters = optionalObject(definition.parameters, `${path}.parameters`);
  const strict = optionalBoolean(definition.strict, `${path}.strict`);
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...(strict !== undefined && { strict }),
  };
}

/** Null for a choice that the neutral shape does not know (`allowed_tools`, `custom`): it stays among the other fields. */
export function decodeToolChoice(choice: unknown): ToolChoice | null {
  if (choice === 'none' || choice === 'auto' || choice === 'required') return choice;
  if (typeof choice === 'string') return null;
  if (!isJsonObject(choice)) throw invalidType('tool_choice', 'a string or an object', choice);
  if (choice.type !== 'function' || !isJsonObject(choice.function)) return null;
  const { name } = choice.function;
  if (typeof name !== 'string') throw invalidType('tool_choice.function.name', 'a string', name);
  return { name };
}

/** The deprecated `function_call`: `none`, `auto` or `{"name"}`. */
export function decodeFunctionChoice(choice: unknown): ToolChoice {
  if (choice === 'none' || choice === 'auto') return choice;
  if (isJsonObject(choice) && typeof choice.name === 'string') return { name: choice.name };
  throw invalidType('function_call', "'none', 'auto' or an object with a name", choice);
}
