import { z } from 'zod';

const BETAS_HEADER = 'anthropic-beta';

/** Which of a client's beta features go to Claude: null for all of them, else these. */
export function betaFeatures() {
  return z
    .union([z.array(z.string()), z.string()])
    .nullish()
    .transform((betas): ReadonlySet<string> | null =>
      betas === null || betas === undefined ? null : new Set(typeof betas === 'string' ? split(betas) : betas),
    );
}

/** The header with what is left of a client's beta features; none when nothing is. */
export function betaHeaders(
  allowed: ReadonlySet<string> | null,
  clientHeader: ((name: string) => string | null) | undefined,
): Array<readonly [name: string, value: string]> {
  const asked = split(clientHeader?.(BETAS_HEADER) ?? '');
  const betas = allowed ? asked.filter((beta) => allowed.has(beta)) : asked;
  return betas.length > 0 ? [[BETAS_HEADER, betas.join(',')]] : [];
}

function split(betas: string): string[] {
  return betas
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => beta !== '');
}
