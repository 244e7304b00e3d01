import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest, NeutralTool, OtherTool, ToolChoice } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { ClaudeModel } from './models.ts';
import { answerSchema } from './schema.ts';

/** `tools` and `tool_choice`, as far as there are any. https://docs.anthropic.com/en/docs/agents-and-tools/tool-use */
export function toolFields(request: NeutralChatRequest, model: ClaudeModel, changes: Changes): JsonObject {
  const { tools, surface } = request;
  const fields: JsonObject = {};
  const converted = tools.flatMap((tool, index) => {
    const path = `tools.${index}`;
    return 'other' in tool
      ? otherTool(tool, path, surface, changes)
      : [functionTool(tool, path, surface, model, changes)];
  });
  if (converted.length > 0) fields.tools = converted;
  const choice = toolChoice(request);
  // The API refuses a choice among no tools; MLflow leaves that to it.
  if (choice && (converted.length > 0 || surface === 'mlflow')) fields.tool_choice = choice;
  else if (isDemand(request.toolChoice)) changes.dropped('tool_choice');
  return fields;
}

/** The API's own tools carry the date of their version, `web_search_20250305`; those of other APIs it would refuse. */
const OWN_TOOL = /_\d{8}$|^mcp_toolset$|^custom$/;

function otherTool(
  { other, withheld }: OtherTool,
  path: string,
  surface: NeutralChatRequest['surface'],
  changes: Changes,
): JsonObject[] {
  if (withheld) return [];
  if (surface === 'standard') {
    if (OWN_TOOL.test(String(other.type)) && !isJsonObject(other.custom)) return [other];
    changes.dropped(path);
    return [];
  }
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

function functionTool(
  tool: NeutralTool,
  path: string,
  surface: NeutralChatRequest['surface'],
  model: ClaudeModel,
  changes: Changes,
): JsonObject {
  const converted: JsonObject = { name: tool.name };
  if (tool.description !== undefined) converted.description = tool.description;
  converted.input_schema = inputSchema(tool.parameters);
  // MLflow sends schemas as they are.
  if (tool.strict && model.takesSchema && surface === 'mlflow') converted.strict = true;
  else if (tool.strict) makeStrict(converted, tool, path, model, changes);
  for (const field in tool.rest) {
    if (NATIVE.has(field)) converted[field] = tool.rest[field];
    else changes.dropped(`${path}.${field}`);
  }
  if (tool.cacheControl) converted.cache_control = tool.cacheControl;
  return converted;
}

/** A schema that is to be followed strictly has the limits of one for an answer. */
function makeStrict(
  converted: JsonObject,
  { parameters = {} }: NeutralTool,
  path: string,
  model: ClaudeModel,
  changes: Changes,
): void {
  const schema = model.takesSchema ? answerSchema(inputSchema(parameters), true) : null;
  if (!schema) return changes.dropped(`${path}.function.strict`);
  if (schema.isChanged) changes.approximated(`${path}.function.parameters`);
  converted.input_schema = schema.value;
  converted.strict = true;
}

/** The API asks for a schema, and for its type. */
function inputSchema(parameters: JsonObject | undefined): JsonObject {
  if (!parameters) return { type: 'object', properties: {} };
  return parameters.type === undefined ? { type: 'object', ...parameters } : parameters;
}

function isDemand(choice: ToolChoice | undefined): boolean {
  return choice !== undefined && choice !== 'none' && choice !== 'auto';
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
