import type { NeutralChatRequest, NeutralTool, OtherTool } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { marked, type Places } from '../places.ts';
import { listAt, objectAt, optionalObject, optionalString, otherFields, stringAt } from './fields.ts';
import { jsonSchemaOf } from './schema.ts';

const DECLARATION = new Set(['name', 'description', 'parameters', 'parametersJsonSchema']);

/** Functions, and the tools that Google itself runs as the client wrote them. https://ai.google.dev/api/caching#Tool */
export function decodeTools(value: unknown, places: Places | null = null): Array<NeutralTool | OtherTool> {
  return listAt(value).flatMap((given, index) => {
    const path = `tools[${index}]`;
    const { functionDeclarations, ...other } = objectAt(given, path);
    const functions = listAt(functionDeclarations).map((declaration, position) => {
      const at = `${path}.functionDeclarations[${position}]`;
      return marked(decodeDeclaration(objectAt(declaration, at), path), at, places);
    });
    return Object.keys(other).length > 0 ? [...functions, marked({ other }, path, places)] : functions;
  });
}

/** https://ai.google.dev/api/caching#FunctionDeclaration */
function decodeDeclaration(declaration: JsonObject, path: string): NeutralTool {
  const { name, description, parameters, parametersJsonSchema } = declaration;
  const schema = parametersJsonSchema ?? jsonSchemaOf(parameters);
  const rest = otherFields(declaration, DECLARATION);
  const described = optionalString(description, `${path}.functionDeclarations.description`);
  return {
    name: stringAt(name, `${path}.functionDeclarations.name`),
    ...(described !== undefined && { description: described }),
    ...(isJsonObject(schema) && { parameters: schema }),
    ...(rest && { rest }),
  };
}

interface ChoiceDraft {
  toolChoice?: NeutralChatRequest['toolChoice'];
  readonly rest: JsonObject;
}

const CHOICE = new Set(['mode', 'allowedFunctionNames']);

/**
 * `functionCallingConfig` as a tool choice; what the neutral shape cannot say of it stays in `rest`, as does the rest of
 * `toolConfig`. https://ai.google.dev/api/caching#ToolConfig
 */
export function decodeToolConfig(value: unknown, draft: ChoiceDraft): void {
  const { functionCallingConfig, ...others } = objectAt(value, 'toolConfig');
  const config = optionalObject(functionCallingConfig, 'toolConfig.functionCallingConfig') ?? {};
  const kept = { ...decodeMode(config, draft), ...otherFields(config, CHOICE) };
  if (Object.keys(kept).length > 0) others.functionCallingConfig = kept;
  if (Object.keys(others).length > 0) draft.rest.toolConfig = others;
}

/** What of the mode must be kept as it is; null for nothing. */
function decodeMode(config: JsonObject, draft: ChoiceDraft): JsonObject | null {
  // Some examples have the names of enumerations in lower case.
  const mode = typeof config.mode === 'string' ? config.mode.toUpperCase() : null;
  const names = listAt(config.allowedFunctionNames).filter((name) => typeof name === 'string');
  const [only] = names;
  if (mode === 'NONE') draft.toolChoice = 'none';
  else if (mode === 'AUTO' || mode === 'MODE_UNSPECIFIED') draft.toolChoice = 'auto';
  else if (mode === 'ANY' && only === undefined) draft.toolChoice = 'required';
  else if (mode === 'ANY' && only !== undefined && names.length === 1) draft.toolChoice = { name: only };
  else if ((mode === 'ANY' || mode === 'VALIDATED') && only !== undefined) {
    // OpenAI's form of the same.
    const tools = names.map((name) => ({ type: 'function', function: { name } }));
    draft.rest.tool_choice = {
      type: 'allowed_tools',
      allowed_tools: { mode: mode === 'ANY' ? 'required' : 'auto', tools },
    };
  } else return mode === null ? null : { mode };
  return null;
}
