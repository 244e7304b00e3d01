import type { NeutralChatRequest, NeutralTool, OtherTool } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { type EncodingContext, extras } from './context.ts';

/** `tools` and what says how they are used; nothing of it where no tool is left. */
export function toolFields(request: NeutralChatRequest, context: EncodingContext): JsonObject {
  const tools: JsonObject[] = [];
  for (const [index, tool] of request.tools.entries()) {
    const encoded = encodeTool(tool, `tools.${index}`, context);
    if (encoded !== null) tools.push(encoded);
  }
  const { toolChoice, parallelToolCalls } = request;
  if (tools.length === 0 && !context.takes('unknown')) return {};
  return {
    ...(tools.length > 0 && { tools }),
    ...(toolChoice !== undefined && {
      tool_choice: typeof toolChoice === 'string' ? toolChoice : { type: 'function', function: toolChoice },
    }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
  };
}

function encodeTool(tool: NeutralTool | OtherTool, path: string, context: EncodingContext): JsonObject | null {
  if ('other' in tool) return tool.withheld ? null : otherTool(tool.other, path, context);
  const { name, description, parameters, strict } = tool;
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      ...(parameters !== undefined && { parameters: withProperties(parameters) }),
      ...(strict !== undefined && { strict }),
    },
    ...extras(tool, path, context),
  };
}

/** The API refuses the schema of an object that says nothing of its properties. */
function withProperties(schema: JsonObject): JsonObject {
  return schema.type === 'object' && schema.properties === undefined ? { ...schema, properties: {} } : schema;
}

/** Beside functions the API knows tools that take text: https://platform.openai.com/docs/guides/function-calling#custom-tools */
function otherTool(tool: JsonObject, path: string, { takes, changes }: EncodingContext): JsonObject | null {
  if (takes('unknown')) return tool;
  if (tool.type === 'custom' && takes('openai')) {
    if (isJsonObject(tool.custom)) return tool;
    const { type: _type, ...custom } = tool;
    return { type: 'custom', custom };
  }
  changes.dropped(path);
  return null;
}
