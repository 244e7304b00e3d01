import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest, NeutralTool, OtherTool } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { answerSchema } from '../anthropic/schema.ts';
import { cachePoint, type Turn } from './messages.ts';
import type { Model } from './models.ts';

export interface ToolSettings {
  /** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html */
  readonly toolConfig: JsonObject | null;
  /** What Claude has and Converse does not. */
  readonly modelFields: Readonly<JsonObject>;
}

const NO_TOOLS: ToolSettings = { toolConfig: null, modelFields: {} };

export function convertTools(
  request: NeutralChatRequest,
  messages: readonly Turn[],
  model: Model,
  changes: Changes,
): ToolSettings {
  const { tools, toolChoice, surface } = request;
  const calls = calledTools(messages);
  if (tools.length === 0) {
    // Claude refuses calls in the history without tools; MLflow leaves it at that.
    if (calls.size === 0 || surface === 'mlflow') return NO_TOOLS;
    return { toolConfig: { tools: [...calls].map(standIn) }, modelFields: {} };
  }
  // Converse has no choice of none, but tools that are not there are not called.
  if (toolChoice === 'none' && calls.size === 0) return NO_TOOLS;
  const modelTools: JsonObject[] = [];
  const list = tools.flatMap((tool, index) => convertTool(tool, `tools.${index}`, surface, model, changes, modelTools));
  const choice = convertChoice(request, model, changes);
  const modelFields = {
    ...(modelTools.length > 0 && { tools: modelTools }),
    ...(choice.modelField && list.length > 0 && { tool_choice: choice.modelField }),
  };
  if (list.length === 0) return { toolConfig: null, modelFields };
  return { toolConfig: { tools: list, ...(choice.native && { toolChoice: choice.native }) }, modelFields };
}

function calledTools(messages: readonly Turn[]): Set<string> {
  const names = new Set<string>();
  for (const { content } of messages) {
    for (const { toolUse } of content) if (isJsonObject(toolUse)) names.add(String(toolUse.name));
  }
  return names;
}

function standIn(name: string): JsonObject {
  return { toolSpec: { name, inputSchema: { json: { type: 'object' } } } };
}

function convertTool(
  tool: NeutralTool | OtherTool,
  path: string,
  surface: NeutralChatRequest['surface'],
  model: Model,
  changes: Changes,
  modelTools: JsonObject[],
): JsonObject[] {
  if ('other' in tool && tool.withheld) return [];
  if ('other' in tool) return convertOther(tool.other, path, model, changes, modelTools);
  const { name, description, parameters, strict, cacheControl, rest } = tool;
  for (const field in rest) changes.dropped(`${path}.${field}`);
  const isStrict = strict === true && model.enforcesSchemas;
  if (strict === true && !isStrict) changes.dropped(`${path}.strict`);
  const given = parameters ?? { type: 'object', properties: {} };
  const enforced = isStrict && surface === 'standard' ? answerSchema(given, true) : null;
  if (enforced?.isChanged) changes.approximated(`${path}.function.parameters`);
  const toolSpec = {
    name,
    ...(description && { description }),
    inputSchema: { json: enforced?.value ?? given },
    ...(isStrict && { strict }),
  };
  if (!cacheControl) return [{ toolSpec }];
  if (model.cachesPrompts) return [{ toolSpec }, cachePoint(cacheControl)];
  changes.dropped(`${path}.cache_control`);
  return [{ toolSpec }];
}

const NATIVE_TOOLS = ['toolSpec', 'systemTool', 'cachePoint'];

/** Converse's own tools stay as they are; Claude's, such as `bash_20250124`, travel beside them. */
function convertOther(
  other: JsonObject,
  path: string,
  model: Model,
  changes: Changes,
  modelTools: JsonObject[],
): JsonObject[] {
  for (const name of NATIVE_TOOLS) if (isJsonObject(other[name])) return [{ [name]: other[name] }];
  if (model.vendor === 'anthropic' && /_\d{8}$/.test(String(other.type))) modelTools.push(other);
  else changes.dropped(path);
  return [];
}

interface Choice {
  readonly native: JsonObject | null;
  /** Claude's own `tool_choice`; Converse refuses a request that has both. */
  readonly modelField: JsonObject | null;
}

function convertChoice({ toolChoice, parallelToolCalls }: NeutralChatRequest, model: Model, changes: Changes): Choice {
  const isNone = toolChoice === 'none';
  if (isNone) changes.approximated('tool_choice');
  const choice = isNone ? undefined : toolChoice;
  if (parallelToolCalls === false && model.vendor === 'anthropic') {
    return { native: null, modelField: { ...claudeChoice(choice), disable_parallel_tool_use: true } };
  }
  if (parallelToolCalls === false) changes.dropped('parallel_tool_calls');
  if (choice === undefined) return { native: null, modelField: null };
  if (choice === 'auto') return { native: { auto: {} }, modelField: null };
  if (choice === 'required') return { native: { any: {} }, modelField: null };
  return { native: { tool: { name: choice.name } }, modelField: null };
}

function claudeChoice(choice: 'auto' | 'required' | { readonly name: string } | undefined): JsonObject {
  if (choice === 'required') return { type: 'any' };
  return typeof choice === 'object' ? { type: 'tool', name: choice.name } : { type: 'auto' };
}
