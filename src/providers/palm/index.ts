import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import { readGoogleError } from '../gemini/errors.ts';
import { joinUrl } from '../openai-target.ts';
import type { Deployment, ModelSettings, Provider, TranslatedTarget } from '../provider.ts';
import { rawRelay, withoutLastSegment } from '../relay-target.ts';
import type { Wire } from '../wire.ts';
import { encodeChat, encodeCompletions, encodeEmbeddings } from './request.ts';
import { decodeEmbeddings, decodeText } from './response.ts';

const DEFAULT_BASE = 'https://generativelanguage.googleapis.com/v1beta3';

const schema = z.object({
  palm_api_key: apiKey().describe('The API key.'),
  palm_api_base: expandable()
    .nullish()
    .describe(`The base URL with the version of the API, when it is not ${DEFAULT_BASE}.`),
});

type Config = z.output<typeof schema>;

const chat: Wire = {
  encode: (request, changes) => (request.operation === 'chat' ? encodeChat(request, changes) : {}),
  decode: (body) => decodeText('chat', body),
};

const completions: Wire = {
  encode: (request, changes) => (request.operation === 'completions' ? encodeCompletions(request, changes) : {}),
  decode: (body) => decodeText('completions', body),
};

const embeddings: Wire = {
  encode: (request, changes) => (request.operation === 'embeddings' ? encodeEmbeddings(request, changes) : {}),
  decode: decodeEmbeddings,
};

function deploy({ name, config }: ModelSettings<Config>): Deployment {
  const base = config.palm_api_base ?? DEFAULT_BASE;
  const target = (method: string, wire: Wire): TranslatedTarget => ({
    wire,
    destination: {
      method: 'POST',
      url: encodeURI(joinUrl(base, `models/${name ?? ''}:${method}`)),
      headers: [
        ['content-type', 'application/json'],
        ['x-goog-api-key', config.palm_api_key],
      ],
    },
    readError: readGoogleError,
  });
  return {
    targets: {
      chat: target('generateMessage', chat),
      completions: target('generateText', completions),
      embeddings: target('batchEmbedText', embeddings),
    },
    relay: rawRelay(withoutLastSegment(base), [['x-goog-api-key', config.palm_api_key]]),
    secrets: [config.palm_api_key],
  };
}

/** Google has switched this API off; it is here for configurations that still name it. */
const palm: Provider<Config> = {
  name: 'palm',
  displayName: 'PaLM',
  conventionalName: 'gcp.gen_ai',
  schema,
  capabilities: { chat: 'deprecated', completions: 'deprecated', embeddings: 'deprecated' },
  deploy,
};

export const providers: readonly Provider[] = [palm];
