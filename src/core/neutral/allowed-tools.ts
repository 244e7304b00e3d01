import { isJsonObject } from '../types.ts';
import type { Changes } from './changes.ts';
import type { NeutralChatRequest } from './request.ts';

/**
 * The request for an API that cannot be told which of the tools may be called: the model gets no others. That is OpenAI's
 * `{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[…]}}`, and the same request for any other choice.
 */
export function withAllowedTools(request: NeutralChatRequest, changes: Changes): NeutralChatRequest {
  const { tool_choice: choice, ...rest } = request.rest;
  const allowed = isJsonObject(choice) && choice.type === 'allowed_tools' ? choice.allowed_tools : null;
  if (!isJsonObject(allowed) || !Array.isArray(allowed.tools)) return request;
  const names = new Set(allowed.tools.map(nameOf));
  changes.approximated('tool_choice');
  return {
    ...request,
    tools: request.tools.map((tool) =>
      'other' in tool || names.has(tool.name) ? tool : { other: { name: tool.name }, withheld: true },
    ),
    toolChoice: allowed.mode === 'required' ? 'required' : 'auto',
    rest,
  };
}

function nameOf(tool: unknown): unknown {
  const definition = isJsonObject(tool) ? (tool.function ?? tool) : null;
  return isJsonObject(definition) ? definition.name : null;
}
