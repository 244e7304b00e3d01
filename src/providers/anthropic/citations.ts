import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/**
 * The further fields of a text that has sources: `citations` as they came and, for those with an address,
 * `annotations` in OpenAI's shape. `start` and `end` are the text's place in the whole answer's text, in UTF-16 units.
 * https://docs.anthropic.com/en/docs/build-with-claude/citations,
 * https://platform.openai.com/docs/api-reference/chat/object#chat-object-choices-message-annotations
 */
export function citationFields(citations: readonly unknown[], start: number, end: number): JsonObject {
  const annotations: JsonObject[] = [];
  for (const citation of citations) {
    if (!isJsonObject(citation) || typeof citation.url !== 'string') continue;
    const title = typeof citation.title === 'string' ? citation.title : '';
    annotations.push({
      type: 'url_citation',
      url_citation: { url: citation.url, title, start_index: start, end_index: end },
    });
  }
  return { citations, ...(annotations.length > 0 && { annotations }) };
}
