import type { RE2JS } from 're2js';
import type { Span } from './spans.ts';

/** A pattern of the operator's own, for an engine whose time grows with the text and never faster. */
export interface OwnPattern {
  /** Becomes the placeholder. */
  readonly name: string;
  readonly expression: RE2JS;
}

/** The pattern cannot be used; the message says why, for whoever wrote it. */
export class PatternError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PatternError';
  }
}

/** More instructions than these make it slow, though its time stays linear. */
const LARGEST_PROGRAM = 2_000;
const LONGEST_PATTERN = 1_000;

/** Throws a PatternError for what the engine does not know, such as references back, and for what matches nothing at all. */
export function compilePattern(name: string, pattern: string): OwnPattern {
  if (pattern.length > LONGEST_PATTERN) throw new PatternError(`a pattern has at most ${LONGEST_PATTERN} characters`);
  const expression = compile(pattern);
  if (expression.programSize() > LARGEST_PROGRAM) throw new PatternError('the pattern has too many repetitions');
  if (expression.test('')) throw new PatternError('the pattern matches the empty text, so it would match everywhere');
  return { name, expression };
}

/** Loaded by who needs it: most configurations have no patterns, and loading takes some milliseconds. */
function engine(): typeof RE2JS {
  return (require('re2js') as typeof import('re2js')).RE2JS;
}

function compile(pattern: string): RE2JS {
  try {
    return engine().compile(pattern);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^error parsing regexp: /, '') : String(cause);
    throw new PatternError(reason, { cause });
  }
}

/**
 * A pattern sees a long text in pieces of this length, each of which begins with the end of the one before. So looking
 * ahead from each of many matches costs no more than a piece.
 */
const PIECE = 2048;
const OVERLAP = 256;
/** A piece with more matches than these is taken out whole. */
const MOST_MATCHES = 128;

export function findOwn(text: string, { name, expression }: OwnPattern): readonly Span[] {
  if (text === '' || !expression.test(text)) return [];
  const spans: Span[] = [];
  for (let start = 0; ; start += PIECE - OVERLAP) {
    findInPiece(text.slice(start, start + PIECE), start, name, expression, spans);
    if (start + PIECE >= text.length) return spans;
  }
}

function findInPiece(piece: string, offset: number, name: string, expression: RE2JS, spans: Span[]): void {
  const matcher = expression.matcher(piece);
  const first = spans.length;
  while (matcher.find()) {
    if (matcher.end() === matcher.start()) continue;
    if (spans.length - first >= MOST_MATCHES) {
      spans.length = first;
      spans.push({ start: offset, end: offset + piece.length, kind: name });
      return;
    }
    spans.push({ start: offset + matcher.start(), end: offset + matcher.end(), kind: name });
  }
}
