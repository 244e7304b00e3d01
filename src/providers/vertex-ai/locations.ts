export type ModelFamily = 'gemini' | 'claude' | 'open';

/**
 * Which API a model has: Google's own, Anthropic's, or the one in OpenAI's shape that Google serves the models of
 * other makers by ("model as a service"), whose names say the maker, as in `meta/llama-4`.
 */
export function familyOf(model: string): ModelFamily {
  if (model.startsWith('claude')) return 'claude';
  return /\/|^mistral|^codestral|^jamba|-maas$/.test(model) ? 'open' : 'gemini';
}

/** `https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations` */
export function baseUrl(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com/v1';
  // These two are not regions, but keep data in the United States or the European Union.
  if (location === 'us' || location === 'eu') return `https://aiplatform.${location}.rep.googleapis.com/v1`;
  return `https://${location}-aiplatform.googleapis.com/v1`;
}
