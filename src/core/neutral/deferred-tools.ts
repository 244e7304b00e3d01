import type { Changes } from './changes.ts';
import type { NeutralChatRequest, NeutralTool, OtherTool } from './request.ts';

/** The request for an API that cannot defer tools: the model gets those that it is to know by now, and no others. */
export function withoutDeferredTools(request: NeutralChatRequest, changes: Changes): NeutralChatRequest {
  if (!request.tools.some((tool) => 'deferred' in tool)) return request;
  return { ...request, tools: request.tools.map((tool) => loaded(tool, changes)) };
}

function loaded(tool: NeutralTool | OtherTool, changes: Changes): NeutralTool | OtherTool {
  if ('other' in tool || tool.deferred === undefined) return tool;
  if (tool.deferred) {
    // Once for all of them, which may be hundreds.
    changes.approximated('tools.defer_loading');
    return { other: { name: tool.name }, withheld: true };
  }
  const { defer_loading: _isLoaded, ...rest } = tool.rest ?? {};
  return { ...tool, rest };
}
