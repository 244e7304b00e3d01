import type { NeutralTool, OtherTool, ToolChoice } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import {
  invalidType,
  missing,
  optionalBoolean,
  optionalObject,
  optionalString,
  otherFields,
} from '../openai/fields.ts';
import { marked, type Places } from '../places.ts';
import { ToolNames } from './tool-names.ts';

type Tools = Array<NeutralTool | OtherTool>;

/** https://platform.openai.com/docs/api-reference/responses/create#responses-create-tools */
export function decodeTools(tools: unknown, places: Places | null = null): Tools {
  if (!Array.isArray(tools)) throw invalidType('tools', 'an array of objects', tools);
  const decoded: Tools = [];
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`;
    if (!isJsonObject(tool)) throw invalidType(path, 'an object', tool);
    if (tool.type === 'namespace') addNamespace(decoded, tool, path, places);
    else decoded.push(marked(decodeTool(tool, path), path, places));
  }
  return decoded;
}

function decodeTool(tool: JsonObject, path: string): NeutralTool | OtherTool {
  switch (tool.type) {
    case 'function':
      return functionTool(tool, toolName(tool, path), path);
    case 'custom':
      return customTool(tool, toolName(tool, path), path);
    case undefined:
    case null:
      throw missing(`${path}.type`);
    default:
      return { other: tool };
  }
}

function toolName(tool: JsonObject, path: string): string {
  const name = optionalString(tool.name, `${path}.name`);
  if (name === undefined) throw missing(`${path}.name`);
  return name;
}

const FUNCTION = new Set(['type', 'name', 'description', 'parameters', 'strict', 'cache_control']);

function functionTool(tool: JsonObject, name: string, path: string): NeutralTool {
  const parameters = optionalObject(tool.parameters, `${path}.parameters`);
  const strict = optionalBoolean(tool.strict, `${path}.strict`);
  return {
    name,
    ...described(tool, path),
    ...(parameters && { parameters }),
    ...(strict !== undefined && { strict }),
    ...further(tool, FUNCTION),
  };
}

/** What the model writes for a tool without a schema: one text. */
const FREE_FORM: JsonObject = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The input of the tool, as plain text.' } },
  required: ['input'],
  additionalProperties: false,
};

const CUSTOM = new Set(['type', 'name', 'description', 'format', 'cache_control']);

/** A tool that takes free text becomes a function with one text, since few providers have such tools. */
function customTool(tool: JsonObject, name: string, path: string): NeutralTool {
  const format = optionalObject(tool.format, `${path}.format`);
  const { rest, ...others } = further(tool, CUSTOM);
  const fields = format && format.type !== 'text' ? { ...rest, format } : rest;
  return { name, ...described(tool, path), parameters: FREE_FORM, ...others, ...(fields && { rest: fields }) };
}

const NAMESPACE = new Set(['type', 'name', 'tools']);

/** The tools of a namespace, each under a name with the namespace's in front. */
function addNamespace(decoded: Tools, namespace: JsonObject, path: string, places: Places | null): void {
  const name = toolName(namespace, path);
  const { tools } = namespace;
  if (!Array.isArray(tools)) throw invalidType(`${path}.tools`, 'an array of objects', tools);
  const about = otherFields(namespace, NAMESPACE);
  for (const [index, tool] of tools.entries()) {
    const at = `${path}.tools[${index}]`;
    if (!isJsonObject(tool)) throw invalidType(at, 'an object', tool);
    const joined = ToolNames.joined(name, toolName(tool, at));
    const made = tool.type === 'custom' ? customTool(tool, joined, at) : functionTool(tool, joined, at);
    const described = index === 0 && about ? { ...made, rest: { ...made.rest, namespace: about } } : made;
    decoded.push(marked(described, at, places));
  }
}

function described(tool: JsonObject, path: string): { description?: string; cacheControl?: JsonObject } {
  const description = optionalString(tool.description, `${path}.description`);
  const cacheControl = optionalObject(tool.cache_control, `${path}.cache_control`);
  return { ...(description !== undefined && { description }), ...(cacheControl && { cacheControl }) };
}

function further(tool: JsonObject, known: ReadonlySet<string>): { rest?: JsonObject } {
  const rest = otherFields(tool, known);
  return rest ? { rest } : {};
}

/**
 * Null for a choice that the neutral shape does not know.
 * https://platform.openai.com/docs/api-reference/responses/create#responses-create-tool_choice
 */
export function decodeToolChoice(choice: unknown): ToolChoice | null {
  if (choice === 'none' || choice === 'auto' || choice === 'required') return choice;
  if (typeof choice === 'string') return null;
  if (!isJsonObject(choice)) throw invalidType('tool_choice', 'a string or an object', choice);
  if (choice.type !== 'function' && choice.type !== 'custom') return null;
  if (typeof choice.name !== 'string') throw invalidType('tool_choice.name', 'a string', choice.name);
  const { name, namespace } = choice;
  return { name: typeof namespace === 'string' ? ToolNames.joined(namespace, name) : name };
}

/** Another choice in the words of the chat API, which nest what these have flat. */
export function otherToolChoice(choice: unknown): unknown {
  if (!isJsonObject(choice) || choice.type !== 'allowed_tools' || !Array.isArray(choice.tools)) return choice;
  const { type, mode, tools, ...others } = choice;
  return { ...others, type, allowed_tools: { mode, tools: tools.map(nested) } };
}

function nested(tool: unknown): unknown {
  if (!isJsonObject(tool) || (tool.type !== 'function' && tool.type !== 'custom')) return tool;
  const { type: _type, ...definition } = tool;
  return { type: 'function', function: definition };
}
