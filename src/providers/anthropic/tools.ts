import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest, NeutralTool, OtherTool, ToolChoice } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import type { ClaudeModel } from './models.ts';

/** `tools` and `tool_choice`, as far as there are any. https://docs.anthropic.com/en/docs/agents-and-tools/tool-use */
export function toolFields(request: NeutralChatRequest, model: ClaudeModel, changes: Changes): JsonObject {
  const { tools, surface } = request;
  const fields: JsonObject = {};
  if (tools.length > 0) {
    fields.tools = tools.map((tool, index) =>
      'other' in tool ? otherTool(tool, surface) : functionTool(tool, `tools.${index}`, model, changes),
    );
  }
  const choice = toolChoice(request);
  if (choice) fields.tool_choice = choice;
  return fields;
}

/** Tools that the provider itself runs, such as web search, are written as its own API has them. */
function otherTool({ other }: OtherTool, surface: NeutralChatRequest['surface']): JsonObject {
  if (surface === 'standard') return other;
  throw new GatewayError(
    'invalid_body',
    `Only function calling tool is supported, but received tool type ${String(other.type)}`,
    { parameter: 'tools' },
  );
}

/** Fields of a tool that only this API has. */
const NATIVE: ReadonlySet<string> = new Set([
  'allowed_callers',
  'defer_loading',
  'eager_input_streaming',
  'input_examples',
]);

function functionTool(tool: NeutralTool, path: string, model: ClaudeModel, changes: Changes): JsonObject {
  const converted: JsonObject = { name: tool.name };
  if (tool.description !== undefined) converted.description = tool.description;
  converted.input_schema = inputSchema(tool.parameters);
  if (tool.strict) {
    if (model.takesSchema) converted.strict = true;
    else changes.dropped(`${path}.function.strict`);
  }
  for (const field in tool.rest) {
    if (NATIVE.has(field)) converted[field] = tool.rest[field];
    else changes.dropped(`${path}.${field}`);
  }
  if (tool.cacheControl) converted.cache_control = tool.cacheControl;
  return converted;
}

/** The API asks for a schema, and for its type. */
function inputSchema(parameters: JsonObject | undefined): JsonObject {
  if (!parameters) return { type: 'object', properties: {} };
  return parameters.type === undefined ? { type: 'object', ...parameters } : parameters;
}

function toolChoice({ toolChoice, parallelToolCalls, tools }: NeutralChatRequest): JsonObject | null {
  const oneByOne = parallelToolCalls === false && tools.length > 0;
  if (toolChoice === undefined) return oneByOne ? { type: 'auto', disable_parallel_tool_use: true } : null;
  const choice = nativeChoice(toolChoice);
  return oneByOne && toolChoice !== 'none' ? { ...choice, disable_parallel_tool_use: true } : choice;
}

function nativeChoice(choice: ToolChoice): JsonObject {
  switch (choice) {
    case 'none':
    case 'auto':
      return { type: choice };
    case 'required':
      return { type: 'any' };
    default:
      return { type: 'tool', name: choice.name };
  }
}
