import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest, NeutralTool } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { invalidParameter } from './errors.ts';

/** https://docs.cohere.com/docs/tool-use-overview */
export function convertTools(request: NeutralChatRequest, changes: Changes): JsonObject {
  const functions = functionsOf(request, changes);
  if (request.parallelToolCalls === false) changes.dropped('parallel_tool_calls');
  const { toolChoice } = request;
  if (functions.length === 0) {
    if (toolChoice !== undefined && toolChoice !== 'none' && toolChoice !== 'auto') changes.dropped('tool_choice');
    return {};
  }
  // There is no choosing of one function: it is offered alone, and something must be called.
  const named = typeof toolChoice === 'object' ? toolChoice.name : null;
  if (named !== null) changes.approximated('tool_choice');
  const offered = named === null ? functions : functions.filter(({ name }) => name === named);
  if (offered.length === 0)
    throw invalidParameter(`tool_choice names '${named}', which is none of the tools.`, 'tool_choice');
  const strict = offered.filter((tool) => tool.strict === true);
  if (strict.length > 0 && strict.length < offered.length) changes.approximated('tools.strict');
  return {
    tools: offered.map(convertTool),
    ...(strict.length > 0 && { strict_tools: true }),
    ...((toolChoice === 'required' || named !== null) && { tool_choice: 'REQUIRED' }),
    ...(toolChoice === 'none' && { tool_choice: 'NONE' }),
  };
}

function functionsOf({ tools }: NeutralChatRequest, changes: Changes): NeutralTool[] {
  const functions: NeutralTool[] = [];
  for (const [index, tool] of tools.entries()) {
    if ('other' in tool) {
      if (!tool.withheld) changes.dropped(`tools.${index}`);
      continue;
    }
    if (tool.cacheControl) changes.dropped(`tools.${index}.cache_control`);
    for (const field of Object.keys(tool.rest ?? {})) changes.dropped(`tools.${index}.${field}`);
    functions.push(tool);
  }
  return functions;
}

/** Parameters are required; a function without them takes none. */
function convertTool({ name, description, parameters }: NeutralTool): JsonObject {
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: parameters ?? { type: 'object', properties: {} },
    },
  };
}
