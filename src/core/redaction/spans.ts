/** A part of a text, from `start` up to but without `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/** In the order of the text. What overlaps becomes one, of the kind that begins first. */
export function mergeSpans(spans: readonly Span[]): readonly Span[] {
  if (spans.length < 2) return spans;
  const ordered = spans.toSorted((one, other) => one.start - other.start || other.end - one.end);
  const merged: Span[] = [];
  for (const span of ordered) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = { ...last, end: span.end };
  }
  return merged;
}
