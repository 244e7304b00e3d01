/** What can be said of a provider: the columns of docs/providers.md, and the kinds of fixtures beside its source. */
export const CAPABILITIES = [
  'chat',
  'chat-stream',
  'tools',
  'tool-stream',
  'images',
  'documents',
  'json-schema',
  'reasoning',
  'prompt-cache',
  'completions',
  'completions-stream',
  'embeddings',
] as const;

export type Capability = (typeof CAPABILITIES)[number];

/** True, or a note that says in how far, for example `base64 only`. What is not named, the provider does not have here. */
export type Capabilities = Readonly<Partial<Record<Capability, true | string>>>;
