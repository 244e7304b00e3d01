import { isJsonObject } from '../../core/types.ts';

/** What each kind of place is called by Claude's own API, with the names of its beginning and its end. */
const PLACES: Readonly<Record<string, readonly [type: string, start: string, end: string]>> = {
  documentChar: ['char_location', 'start_char_index', 'end_char_index'],
  documentPage: ['page_location', 'start_page_number', 'end_page_number'],
  documentChunk: ['content_block_location', 'start_block_index', 'end_block_index'],
  searchResultLocation: ['search_result_location', 'start_block_index', 'end_block_index'],
};

/**
 * A citation in the notation of Claude's own API, which clients know; one that has no such notation as it is.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Citation.html,
 * https://docs.anthropic.com/en/docs/build-with-claude/citations
 */
export function readCitation(citation: unknown): unknown {
  if (!isJsonObject(citation) || !isJsonObject(citation.location)) return citation;
  const { title = null, source, location, sourceContent } = citation;
  const cited_text = textOf(sourceContent);
  const [kind = ''] = Object.keys(location);
  const place = location[kind];
  if (!isJsonObject(place)) return citation;
  if (kind === 'web') {
    return { type: 'web_search_result_location', cited_text, url: place.url, title, encrypted_index: '' };
  }
  const known = PLACES[kind];
  if (known === undefined) return citation;
  const [type, start, end] = known;
  const origin =
    kind === 'searchResultLocation'
      ? { search_result_index: place.searchResultIndex, source: source ?? null, title }
      : { document_index: place.documentIndex, document_title: title };
  return { type, cited_text, ...origin, [start]: place.start, [end]: place.end };
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return '';
  const texts = content.map((item: unknown) => (isJsonObject(item) ? item.text : ''));
  return texts.filter((text) => typeof text === 'string').join('');
}
