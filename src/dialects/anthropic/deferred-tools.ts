import type { NeutralMessage } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

/** The type of the block by which a search of the client's own names a tool that it found. */
export const TOOL_REFERENCE = 'tool_reference';

/** The API's own searches: `tool_search_tool_regex_20251119`, `tool_search_tool_bm25_20251119`. */
const OWN_SEARCH = 'tool_search_tool_';

/**
 * The names of the tools that the model knows though they are deferred: what a search of the client's own has found, what
 * was called before and what must be called now. Null where no tool is deferred, and where the API itself is to search:
 * another one does not, so that its model would never come to know them.
 * https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/tool-search-tool
 */
export function knownTools(
  tools: readonly unknown[],
  choice: unknown,
  messages: readonly NeutralMessage[],
): ReadonlySet<unknown> | null {
  if (!tools.some(isDeferred) || tools.some(isOwnSearch)) return null;
  const known = new Set<unknown>();
  if (isJsonObject(choice)) known.add(choice.name);
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.type === 'tool-call') known.add(part.name);
      if (part.type !== 'tool-result') continue;
      for (const inner of part.parts) if (inner.type === 'other') addReference(inner.value, known);
    }
  }
  return known;
}

const isDeferred = (tool: unknown): boolean => isJsonObject(tool) && tool.defer_loading === true;

function isOwnSearch(tool: unknown): boolean {
  return isJsonObject(tool) && typeof tool.type === 'string' && tool.type.startsWith(OWN_SEARCH);
}

function addReference({ type, tool_name: name }: JsonObject, known: Set<unknown>): void {
  if (type === TOOL_REFERENCE) known.add(name);
}
