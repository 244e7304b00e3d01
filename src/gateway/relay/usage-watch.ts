import type { Usage } from '../../core/neutral/usage.ts';
import { isJsonObject } from '../../core/types.ts';
import { readRelayedAnswer, readRelayedUsage } from './usage.ts';

/** A small answer is read whole; of others, whose bulk is images or texts, usage stands at the end. */
const KEPT_BYTES = 65_536;

const KEYS = ['"usage"', '"usageMetadata"'];

/** Looks for token counts in an answer that goes by, JSON or events, and keeps no more than its end. */
export class UsageWatch {
  #pieces: Uint8Array[] = [];
  #size = 0;
  #isWhole = true;

  /** Null for content that has no counts, such as audio. */
  static for(contentType: string): UsageWatch | null {
    const type = contentType.toLowerCase();
    const hasCounts = type.includes('json') || type.startsWith('text/event-stream');
    return hasCounts ? new UsageWatch() : null;
  }

  take(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    while (this.#size - (this.#pieces[0]?.length ?? 0) >= KEPT_BYTES) {
      this.#size -= this.#pieces.shift()?.length ?? 0;
      this.#isWhole = false;
    }
  }

  /** What the answer says, once it has gone by. */
  usage(): Usage | null {
    const text = Buffer.concat(this.#pieces).toString();
    this.#pieces = [];
    const whole = this.#isWhole ? parse(text) : undefined;
    if (isJsonObject(whole)) return readRelayedAnswer(whole);
    return readRelayedUsage(lastUsage(text));
  }

  /** Whether the last bytes ended an event, so that another one may follow. */
  get isBetweenEvents(): boolean {
    const end = Buffer.concat(this.#pieces.slice(-2)).subarray(-4).toString('latin1');
    return end === '' || end.endsWith('\n\n') || end.endsWith('\r\n\r\n');
  }
}

/** The object behind the last key of that name which stands in no string. */
function lastUsage(text: string): unknown {
  let last: unknown;
  let lastPosition = -1;
  for (const key of KEYS) {
    for (
      let position = text.lastIndexOf(key);
      position > lastPosition;
      position = text.lastIndexOf(key, position - 1)
    ) {
      const value = objectAfter(text, position + key.length);
      if (!isJsonObject(value)) continue;
      last = value;
      lastPosition = position;
      break;
    }
  }
  return last;
}

function objectAfter(text: string, from: number): unknown {
  const start = /^\s*:\s*(?=\{)/.exec(text.slice(from, from + 20));
  if (start === null) return null;
  const open = from + start[0].length;
  let depth = 0;
  for (let position = open; position < text.length; position++) {
    const character = text[position];
    if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return parse(text.slice(open, position + 1));
  }
  return null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
