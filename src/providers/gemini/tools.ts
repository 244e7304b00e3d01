import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest, NeutralTool } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

/** Functions as declarations, each with its JSON Schema as it is; other tools as the client wrote them. */
export function encodeTools(tools: NeutralChatRequest['tools'], changes: Changes): JsonObject[] {
  const declarations: JsonObject[] = [];
  const natives: JsonObject[] = [];
  tools.forEach((tool, index) => {
    const path = `tools.${index}`;
    if (!('other' in tool)) {
      declarations.push(declaration(tool, path, changes));
      return;
    }
    if (tool.withheld) return;
    const native = nativeTool(tool.other);
    if (native) natives.push(native);
    else changes.dropped(path);
  });
  return declarations.length > 0 ? [{ functionDeclarations: declarations }, ...natives] : natives;
}

/** https://ai.google.dev/api/caching#FunctionDeclaration */
function declaration(tool: NeutralTool, path: string, changes: Changes): JsonObject {
  const { name, description, parameters } = tool;
  if (tool.cacheControl) changes.dropped(`${path}.cache_control`);
  const declared: JsonObject = { name };
  if (description !== undefined) declared.description = description;
  if (parameters !== undefined) declared.parametersJsonSchema = parameters;
  for (const field in tool.rest) {
    if (DECLARED.has(field)) declared[field] = tool.rest[field];
    else changes.dropped(`${path}.function.${field}`);
  }
  return declared;
}

/** What a declaration may say further, which no other API has. */
const DECLARED: ReadonlySet<string> = new Set(['behavior', 'response', 'responseJsonSchema']);

/**
 * A tool that Google runs, such as `{"googleSearch": {}}`, or the same with a `type` that says so. One that has no
 * member but `type`, or whose `type` is that of another API, is none.
 */
function nativeTool({ type, ...tool }: JsonObject): JsonObject | null {
  if (type === 'custom') return null;
  if (type === undefined) return Object.keys(tool).length > 0 ? tool : null;
  if (typeof type !== 'string') return null;
  return isJsonObject(tool[type]) ? { [type]: tool[type] } : null;
}

/** `functionCallingConfig`, or null for the default. https://ai.google.dev/api/caching#FunctionCallingConfig */
export function encodeToolChoice(request: NeutralChatRequest, changes: Changes): JsonObject | null {
  const { toolChoice, tools } = request;
  if (request.parallelToolCalls === false) changes.dropped('parallel_tool_calls');
  const strict = tools.findIndex((tool) => 'strict' in tool && tool.strict === true);
  if (toolChoice === 'none') return { mode: 'NONE' };
  // What this mode calls follows the schema.
  if (toolChoice === 'required') return { mode: 'ANY' };
  if (typeof toolChoice === 'object') return { mode: 'ANY', allowedFunctionNames: [toolChoice.name] };
  const allowed = allowedTools(request.rest.tool_choice, changes);
  if (allowed || strict < 0) return allowed;
  if (request.surface === 'standard') return { mode: 'VALIDATED' };
  changes.dropped(`tools.${strict}.function.strict`);
  return null;
}

/** OpenAI's `{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[…]}}`. */
function allowedTools(choice: unknown, changes: Changes): JsonObject | null {
  if (choice === undefined) return null;
  const allowed = isJsonObject(choice) && choice.type === 'allowed_tools' ? choice.allowed_tools : null;
  if (!isJsonObject(allowed) || !Array.isArray(allowed.tools)) {
    changes.dropped('tool_choice');
    return null;
  }
  const names: string[] = [];
  for (const tool of allowed.tools) {
    const named = isJsonObject(tool) && isJsonObject(tool.function) ? tool.function.name : null;
    if (typeof named === 'string') names.push(named);
    else changes.approximated('tool_choice');
  }
  return { mode: allowed.mode === 'required' ? 'ANY' : 'VALIDATED', allowedFunctionNames: names };
}
