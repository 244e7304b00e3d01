import { createKeyResolver, withKeyResolver } from '../../src/config/keys.ts';
import type { JsonObject } from '../../src/core/types.ts';
import { providers } from '../../src/providers/index.ts';
import { openaiWire } from '../../src/providers/openai-wire/index.ts';
import type { Wire } from '../../src/providers/wire.ts';

/** What a request can become, and an answer can come from. */
export interface GoldenTarget {
  readonly provider: string;
  readonly model: string;
  readonly wire: Wire;
}

/** Each wire format once, with the model that is most particular about it. */
export const TARGETS = {
  openai: target('openai', 'gpt-5.2', { openai_api_key: 'sk-canary' }),
  anthropic: target('anthropic', 'claude-sonnet-4-5', { anthropic_api_key: 'sk-canary' }),
  gemini: target('gemini', 'gemini-2.5-flash', { gemini_api_key: 'sk-canary' }),
  bedrock: target('bedrock', 'anthropic.claude-sonnet-4-5-20250929-v1:0', {
    aws_config: { aws_region: 'eu-central-1', aws_access_key_id: 'AKIACANARY', aws_secret_access_key: 'canary' },
  }),
  mistral: target('mistral', 'magistral-medium-latest', { mistral_api_key: 'sk-canary' }),
  cohere: target('cohere', 'command-a-03-2025', { cohere_api_key: 'sk-canary', cohere_api_version: 'v2' }),
} as const satisfies Readonly<Record<string, GoldenTarget>>;

export type TargetName = keyof typeof TARGETS;

function target(name: string, model: string, config: JsonObject): GoldenTarget {
  const provider = providers.find(name);
  if (!provider) throw new Error(`no provider ${name}`);
  const checked = withKeyResolver(createKeyResolver({}), () => provider.schema.parse(config));
  const { chat } = provider.deploy({ name: model, config: checked }).targets;
  if (!chat) throw new Error(`${name} has no chat`);
  return { provider: name, model, wire: chat.wire === 'openai' ? openaiWire(chat, 'chat') : chat.wire };
}
