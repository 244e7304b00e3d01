export interface JsonHandlers {
  /** The text of a string, and the name of the member that it is the value of; empty for names themselves and in lists. */
  value(value: string, name: string): string;
  /** What stands between strings and is more than JSON's own signs and numbers. */
  other(text: string): string;
}

/**
 * Edits the strings of a JSON text, in its text: whatever has not to change stays to the byte, numbers and doubled names
 * included. A text that breaks off, or that only looks like JSON, is read as far as that goes.
 */
export function editStrings(text: string, handlers: JsonHandlers): string {
  const edits = new Edits(text);
  let index = 0;
  let name = '';
  while (index < text.length) {
    const open = text.indexOf('"', index);
    const structure = text.slice(index, open < 0 ? text.length : open);
    edits.put(index, structure, between(structure, handlers));
    if (open < 0) break;
    const close = closing(text, open + 1);
    const raw = text.slice(open + 1, close);
    // What breaks off may end within an escape, and is no value.
    const value = close < text.length ? unquoted(raw) : null;
    const isName = value !== null && followedByColon(text, close + 1);
    if (value === null) edits.put(open + 1, raw, handlers.other(raw));
    else {
      const clean = handlers.value(value, isName || !structure.includes(':') ? '' : name);
      if (clean !== value) edits.put(open + 1, raw, JSON.stringify(clean).slice(1, -1));
    }
    if (isName) name = value;
    index = close + 1;
  }
  return edits.text();
}

class Edits {
  readonly #original: string;
  readonly #parts: string[] = [];
  #kept = 0;

  constructor(original: string) {
    this.#original = original;
  }

  put(start: number, before: string, after: string): void {
    if (after === before) return;
    this.#parts.push(this.#original.slice(this.#kept, start), after);
    this.#kept = start + before.length;
  }

  text(): string {
    return this.#parts.length === 0 ? this.#original : this.#parts.join('') + this.#original.slice(this.#kept);
  }
}

/** Signs and numbers of JSON; a number that is a card's is one to hide, and becomes a string. */
function between(structure: string, handlers: JsonHandlers): string {
  if (structure.length < 4 || /^[\s{}[\]:,]*$/.test(structure)) return structure;
  if (/[^\s{}[\]:,\d.eE+\-truefalsn]/.test(structure)) return handlers.other(structure);
  return structure.replace(/(?<![\d.])\d{13,}(?![\d.eE])/g, (digits) => {
    const clean = handlers.other(digits);
    return clean === digits ? digits : JSON.stringify(clean);
  });
}

/** Where the string ends whose first character is there: its quotation mark, or the end of the text. */
function closing(text: string, start: number): number {
  let close = text.indexOf('"', start);
  while (close >= 0) {
    let backslashes = close;
    while (backslashes > start && text.charCodeAt(backslashes - 1) === 0x5c) backslashes--;
    if ((close - backslashes) % 2 === 0) return close;
    close = text.indexOf('"', close + 1);
  }
  return text.length;
}

function followedByColon(text: string, start: number): boolean {
  let index = start;
  while (index < text.length && ' \t\r\n'.includes(text.charAt(index))) index++;
  return text.charCodeAt(index) === 0x3a;
}

function unquoted(raw: string): string | null {
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return null;
  }
}
