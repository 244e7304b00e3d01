import type { Authorizer, RelayTarget } from '../provider.ts';
import { rawRelay, withoutLastSegment } from '../relay-target.ts';
import type { ModelFamily } from './locations.ts';

/** Where the paths of each family are, below a location, in MLflow's gateway. */
const PLACES: Readonly<Record<ModelFamily, string>> = {
  gemini: 'publishers/google',
  claude: 'publishers/anthropic',
  open: 'endpoints/openapi',
};

const VERSION = /^v1(?:beta1)?\//;
const WHOLE = /^v1(?:beta1)?\/(?:projects|publishers)\//;

/**
 * A raw path is a whole one, as Google's clients have it, or one below what MLflow's gateway adds by itself. `base` ends
 * with the version of the API, `location` with the location.
 */
export function vertexRelay(
  family: ModelFamily,
  { base, location }: { readonly base: string; readonly location: string },
  authorize: Authorizer,
): RelayTarget {
  const root = withoutLastSegment(base);
  const below = `${location}/${PLACES[family]}`;
  return {
    ...rawRelay(root, []),
    rawUrl: (path) => (WHOLE.test(path) ? `${root}/${path}` : `${below}/${path.replace(VERSION, '')}`),
    authorize,
    // What the configuration leaves of it comes with the credential.
    ...(family === 'claude' && { withheldHeaders: ['anthropic-beta'] }),
  };
}
