import type { YamlText } from './yaml.ts';

/** A line of the source as it may be shown, and where in it a fault is. */
export interface Excerpt {
  readonly line: number;
  readonly column: number;
  readonly excerpt: string;
  readonly caret: number;
}

const MASK = '***';

/**
 * The line around an offset. Only keys, punctuation and the values that begin at one of the `shown` offsets are kept:
 * what nobody knows to be harmless may be a secret, and so may a comment.
 */
export function excerptAt(source: YamlText, offset: number, shown: ReadonlySet<number>): Excerpt {
  const { line, start, end } = lineAt(source.text, source.lineStarts, offset);
  const text = source.text;
  let excerpt = '';
  let caret = 0;
  let position = start;
  const copy = (until: number) => {
    if (offset >= position && offset < until) caret = excerpt.length + offset - position;
    excerpt += text.slice(position, until);
    position = until;
  };
  const spans = [...source.scalars, ...source.keys]
    .filter((span) => span.start < end && span.end > start)
    .sort((left, right) => left.start - right.start);
  const keys = new Set(source.keys);
  for (const span of spans) {
    const from = Math.max(span.start, position);
    const comment = commentStart(text, position, from);
    if (comment >= 0) break;
    copy(from);
    if (keys.has(span) || shown.has(span.start)) copy(Math.min(span.end, end));
    else {
      if (offset >= position && offset < span.end) caret = excerpt.length;
      excerpt += MASK;
      position = Math.min(span.end, end);
    }
  }
  const comment = commentStart(text, position, end);
  copy(comment >= 0 ? comment : end);
  if (offset >= position) caret = excerpt.trimEnd().length;
  return { line, column: offset - start + 1, excerpt: excerpt.trimEnd(), caret };
}

/** The offset of a `#` that begins a comment; the range must hold no scalar. */
function commentStart(text: string, from: number, to: number): number {
  const found = /(?:^|\s)#/.exec(text.slice(Math.max(from - 1, 0), to));
  return found ? text.indexOf('#', Math.max(from - 1, 0) + found.index) : -1;
}

const PLAIN_KEYS =
  /^[\s{[,-]*(?:endpoints|routes|name|endpoint_type|route_type|model|provider|config|limit|calls|renewal_period|task_type|destinations|traffic_percentage|routing_strategy|server|upstream)\s*:/;

/** The line around a syntax error, where nothing tells values apart: only what follows a key of ours is shown. */
export function cautiousExcerpt(text: string, offset: number): Excerpt {
  const lineStarts = [0, ...Array.from(text.matchAll(/\n/g), (match) => match.index + 1)];
  const { line, start, end } = lineAt(text, lineStarts, offset);
  const column = offset - start + 1;
  const whole = text.slice(start, end);
  if (PLAIN_KEYS.test(whole) && !/[{[&*#]|\b(?:sk|key|token|secret|password)\b/i.test(whole)) {
    return { line, column, excerpt: whole.trimEnd(), caret: Math.min(offset - start, whole.trimEnd().length) };
  }
  const prefix = /^[\s-]*(?:[A-Za-z_]+\s*:\s*)?/.exec(whole)?.[0] ?? '';
  const excerpt = prefix.length < whole.trimEnd().length ? `${prefix}${MASK}` : whole.trimEnd();
  return { line, column, excerpt, caret: Math.min(offset - start, prefix.length) };
}

function lineAt(text: string, lineStarts: readonly number[], offset: number) {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const start = lineStarts[low] ?? 0;
  const newline = text.indexOf('\n', start);
  const end = newline < 0 ? text.length : newline;
  return { line: low + 1, start, end: text[end - 1] === '\r' && end > start ? end - 1 : end };
}
