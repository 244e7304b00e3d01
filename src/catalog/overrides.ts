import type { PriceOverride } from '../config/price-types.ts';

export interface PricedModel {
  readonly endpoint: string | null;
  readonly provider: string;
  readonly model: string | null;
  readonly servedModel: string | null;
}

/** Those that hold for a model; the last one whose time has come counts. */
export function matchingOverrides(overrides: readonly PriceOverride[], model: PricedModel): PriceOverride[] {
  const matching = overrides.filter(
    (override) =>
      matches(override.endpoint, model.endpoint) &&
      matches(override.provider, model.provider) &&
      (matches(override.model, model.model) || matches(override.model, model.servedModel)),
  );
  // The more is said of where it holds, the later; then by date; and of equals the first of the file is the last here.
  return matching
    .reverse()
    .sort(
      (one, other) =>
        precision(one) - precision(other) || (one.validFrom ?? -Infinity) - (other.validFrom ?? -Infinity) || 0,
    );
}

function matches(pattern: string | null, value: string | null): boolean {
  if (pattern === null) return true;
  if (value === null) return false;
  const pieces = pattern.toLowerCase().split('*');
  return fits(pieces, value.toLowerCase());
}

/** Without a regular expression, so that no pattern takes long. */
function fits(pieces: readonly string[], value: string): boolean {
  const [first = '', ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first)) return false;
  let position = first.length;
  for (const piece of others) {
    const found = value.indexOf(piece, position);
    if (found === -1) return false;
    position = found + piece.length;
  }
  return value.length - last.length >= position && value.endsWith(last);
}

/** An endpoint says more than a model, a model more than a provider, and a whole name more than a pattern. */
function precision({ endpoint, provider, model }: PriceOverride): number {
  return 100_000_000 * weight(endpoint) + 10_000 * weight(model) + weight(provider);
}

function weight(pattern: string | null): number {
  if (pattern === null) return 0;
  return pattern.includes('*') ? Math.min(pattern.length, 4000) : 5000;
}
