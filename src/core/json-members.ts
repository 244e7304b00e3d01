/**
 * Edits the top-level members of a JSON object in its text, so that everything nobody asked to change keeps its bytes:
 * key order, number spelling, unknown fields. The text must already have passed `JSON.parse`.
 */
export interface MemberEdits {
  /** Value texts by key, null to leave the member out. Every occurrence of a repeated key gets the new value. */
  readonly replace: ReadonlyMap<string, string | null>;
  /** Leaves out members whose value is null. */
  readonly dropNulls: boolean;
  /** Members to put first, each followed by a comma: `"n":1,`. */
  readonly prepend: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const LOWER_N = 0x6e;

/** Puts members first without looking at the others. */
export function prependMembers(text: string, members: string): string {
  if (members === '') return text;
  const open = text.indexOf('{') + 1;
  const rest = text.slice(open);
  const isEmpty = text.charCodeAt(skipSpace(text, open)) === CLOSE_BRACE;
  return `{${isEmpty ? members.slice(0, -1) : members}${rest}`;
}

export function editMembers(text: string, edits: MemberEdits): string {
  let output = '';
  let copied = 0;
  let position = skipSpace(text, text.indexOf('{') + 1);
  while (text.charCodeAt(position) === QUOTE) {
    const keyEnd = skipString(text, position);
    const key = JSON.parse(text.slice(position, keyEnd)) as string;
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = skipValue(text, valueStart);
    const afterValue = skipSpace(text, valueEnd);
    const isLast = text.charCodeAt(afterValue) !== COMMA;
    const next = isLast ? afterValue : skipSpace(text, afterValue + 1);
    const replacement = edits.replace.get(key);
    const isNull = edits.dropNulls && text.charCodeAt(valueStart) === LOWER_N;
    if (typeof replacement === 'string') {
      output += text.slice(copied, valueStart) + replacement;
      copied = valueEnd;
    } else if (replacement === null || isNull) {
      output += text.slice(copied, position);
      if (isLast) output = output.replace(TRAILING_COMMA, '');
      copied = next;
    }
    position = next;
  }
  return prependMembers(output + text.slice(copied), edits.prepend);
}

const TRAILING_COMMA = /,\s*$/;

function skipSpace(text: string, from: number): number {
  let position = from;
  while (position < text.length && text.charCodeAt(position) <= 0x20) position += 1;
  return position;
}

/** From an opening quote to just behind the closing one. */
function skipString(text: string, from: number): number {
  let quote = text.indexOf('"', from + 1);
  while (quote !== -1) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
}

function skipValue(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return skipString(text, from);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(text, from);
  let position = from;
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (code === COMMA || code === CLOSE_BRACE || code <= 0x20) return position;
    position += 1;
  }
  return position;
}

function skipNested(text: string, from: number): number {
  let depth = 0;
  let position = from;
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (code === QUOTE) {
      position = skipString(text, position);
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
    position += 1;
    if (depth === 0) return position;
  }
  return position;
}
