/** Names this long may have two wrong letters and still be meant. */
const LONG_NAME = 8;

/** The candidate that was probably meant, or null. Case, `-` and `_` do not count as differences. */
export function mostSimilar(name: string, candidates: readonly string[]): string | null {
  const wanted = normalize(name);
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of candidates) {
    const allowed = Math.max(name.length, candidate.length) >= LONG_NAME ? 2 : 1;
    if (Math.abs(name.length - candidate.length) > allowed) continue;
    const distance = editDistance(wanted, normalize(candidate));
    if (distance <= allowed && (best === null || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

function normalize(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other: the Damerau–Levenshtein
 * distance in its optimal string alignment form.
 */
export function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const substitution = at(previous, column - 1) + (left[row - 1] === right[column - 1] ? 0 : 1);
      let distance = Math.min(at(previous, column) + 1, at(current, column - 1) + 1, substitution);
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) distance = Math.min(distance, at(beforePrevious, column - 2) + 1);
      current.push(distance);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
