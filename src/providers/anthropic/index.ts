import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Secret } from '../../core/secret.ts';
import type { Destination } from '../../upstream/port.ts';
import { joinUrl } from '../openai-target.ts';
import type { Deployment, ModelSettings, NativeTarget, Provider, TranslatedTarget } from '../provider.ts';
import { rawRelay, withoutLastSegment } from '../relay-target.ts';
import type { Wire } from '../wire.ts';
import { countOf } from './count.ts';
import { REQUEST_ID_HEADER, readError } from './errors.ts';
import { claudeModel } from './models.ts';
import { claudePromptWire, claudeTextWire, claudeWire } from './wire.ts';

const schema = z.object({
  anthropic_api_key: apiKey().describe('The API key.'),
  anthropic_version: expandable()
    .nullish()
    .describe('The version of the API, when it is not 2023-06-01: https://docs.anthropic.com/en/api/versioning.'),
  anthropic_api_base: expandable().nullish().describe('The base URL, when it is not the provider’s own.'),
  anthropic_beta: z
    .union([expandable(), z.array(z.string())])
    .nullish()
    .describe('Beta features to ask for: a list, or a text with commas.'),
});

type Config = z.output<typeof schema>;

/** https://docs.anthropic.com/en/api/overview */
function deploy({ name, config }: ModelSettings<Config>): Deployment {
  const headers = headersOf(config);
  const base = config.anthropic_api_base ?? 'https://api.anthropic.com/v1';
  const destination = (path: string): Destination => ({ method: 'POST', url: joinUrl(base, path), headers });
  const common = { readError, requestIdHeader: REQUEST_ID_HEADER };
  const target = (path: string, wire: Wire): TranslatedTarget => ({
    ...common,
    wire,
    destination: destination(path),
  });
  const options = { model: name, version: null };
  const chat = claudeWire(options);
  const countDestination = destination('messages/count_tokens');
  const native: NativeTarget = {
    ...common,
    model: name,
    destination: destination('messages'),
    countDestination,
    credentialHeaders: ['x-api-key', 'authorization'],
    forwardedHeaders: ['anthropic-beta', 'anthropic-version'],
  };
  const hasMessagesAlone = name !== null && !claudeModel(name).completesText;
  return {
    targets: {
      chat: { ...target('messages', { ...chat, count: countOf(chat, null) }), countDestination },
      completions: hasMessagesAlone
        ? target('messages', claudePromptWire(options))
        : target('complete', claudeTextWire(options)),
    },
    natives: { anthropic: { chat: native } },
    relay: rawRelay(
      withoutLastSegment(base),
      headers.filter(([name]) => name !== 'content-type'),
    ),
    secrets: [config.anthropic_api_key],
  };
}

function headersOf(config: Config): Array<readonly [name: string, value: string | Secret]> {
  const headers: Array<readonly [string, string | Secret]> = [
    ['content-type', 'application/json'],
    ['x-api-key', config.anthropic_api_key],
    ['anthropic-version', config.anthropic_version ?? '2023-06-01'],
  ];
  const betas = [config.anthropic_beta ?? []].flat().filter((beta) => beta.trim() !== '');
  if (betas.length > 0) headers.push(['anthropic-beta', betas.join(',')]);
  return headers;
}

const anthropic: Provider<Config> = {
  name: 'anthropic',
  displayName: 'Anthropic',
  schema,
  capabilities: {
    chat: true,
    'chat-stream': true,
    tools: true,
    'tool-stream': true,
    images: true,
    documents: 'PDF and text',
    'json-schema': 'Claude 4.5 and newer; an instruction before',
    reasoning: true,
    'prompt-cache': true,
    completions: true,
    'completions-stream': true,
  },
  deploy,
};

export const providers: readonly Provider[] = [anthropic];
