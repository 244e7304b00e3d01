/**
 * Most chunks of a stream differ from the one before in nothing but the text of `content` (or `text`). A template
 * remembers what stood around that text before and after rewriting, so that such a chunk is rewritten by joining three
 * strings instead of parsing and building JSON. Whatever does not fit exactly takes the long way.
 */
export class ChunkTemplate {
  readonly #before: string;
  readonly #after: string;
  readonly #outputBefore: string;
  readonly #outputAfter: string;

  private constructor(source: Split, output: Split) {
    this.#before = source.before;
    this.#after = source.after;
    this.#outputBefore = `data: ${output.before}`;
    this.#outputAfter = `${output.after}\n\n`;
  }

  /** The template of a chunk and of what it was rewritten to, both Latin-1; null when the chunk is of another kind. */
  static from(source: string, output: string): ChunkTemplate | null {
    const from = split(source);
    const to = from && split(output);
    return from && to ? new ChunkTemplate(from, to) : null;
  }

  /** The rewritten event, or null when the chunk differs in more than its text. */
  apply(data: string): string | null {
    const before = this.#before;
    const after = this.#after;
    if (data.length < before.length + after.length || !data.startsWith(before) || !data.endsWith(after)) return null;
    const text = data.slice(before.length, data.length - after.length);
    if (text.includes('"') || text.includes('\\')) return null;
    return this.#outputBefore + text + this.#outputAfter;
  }
}

interface Split {
  readonly before: string;
  readonly after: string;
}

/** A chunk with one `content` or `text` that is a string without escapes, and nothing that belongs to one chunk alone. */
const ONE_TEXT = /^(.*"(?:content|text)"\s*:\s*")[^"\\]*("[\s\S]*)$/;
const SINGULAR = /"(?:tool_calls|role)"\s*:\s*["[]|"usage"\s*:\s*\{|"finish_reason"\s*:\s*"/;

function split(chunk: string): Split | null {
  if (SINGULAR.test(chunk)) return null;
  const match = ONE_TEXT.exec(chunk);
  const before = match?.[1];
  const after = match?.[2];
  if (before === undefined || after === undefined) return null;
  return { before, after };
}
