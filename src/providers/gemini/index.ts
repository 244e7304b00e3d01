import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Destination } from '../../upstream/port.ts';
import { joinUrl } from '../openai-target.ts';
import type { Deployment, ModelSettings, NativeTarget, Provider, TranslatedTarget } from '../provider.ts';
import { rawRelay, withoutLastSegment } from '../relay-target.ts';
import type { Wire } from '../wire.ts';
import { countTokens } from './count.ts';
import { embedContent } from './embeddings.ts';
import { readGoogleError } from './errors.ts';
import { CLIENT_HEADERS, CREDENTIAL_HEADERS, nativeEdits } from './native.ts';
import { generateChat, generateCompletions } from './wire.ts';

const DEFAULT_BASE = 'https://generativelanguage.googleapis.com/v1beta';

const schema = z.object({
  gemini_api_key: apiKey().describe('The API key of Google AI Studio.'),
  gemini_api_base: expandable()
    .nullish()
    .describe(`The base URL with the version of the API, when it is not ${DEFAULT_BASE}.`),
});

type Config = z.output<typeof schema>;

function deploy({ name, config }: ModelSettings<Config>): Deployment {
  const base = joinUrl(config.gemini_api_base ?? DEFAULT_BASE, '').slice(0, -1);
  const model = name ?? '';
  // A tuned model's name is a path already.
  const resource = model.includes('/') ? model : `models/${model}`;
  const destination = (method: string): Destination => ({
    method: 'POST',
    url: `${base}/${encodeURI(resource)}:${method}`,
    headers: [
      ['content-type', 'application/json'],
      ['x-goog-api-key', config.gemini_api_key],
    ],
  });
  const generate = (wire: Wire): TranslatedTarget => ({
    wire,
    destination: destination('generateContent'),
    streamDestination: destination('streamGenerateContent?alt=sse'),
    // Few models fetch a URL by themselves, and those only where its media type is said.
    inlineMedia: true,
    readError: readGoogleError,
  });
  const native = (target: Pick<NativeTarget, 'destination'> & Partial<NativeTarget>): NativeTarget => ({
    model: null,
    adjust: nativeEdits(resource),
    readError: readGoogleError,
    credentialHeaders: CREDENTIAL_HEADERS,
    forwardedHeaders: CLIENT_HEADERS,
    ...target,
  });
  const options = { model, isVertex: false, fileBase: base };
  const chat = generateChat(options);
  const countDestination = destination('countTokens');
  const embed = { destination: destination('embedContent'), batchDestination: destination('batchEmbedContents') };
  return {
    targets: {
      chat: { ...generate({ ...chat, count: countTokens(chat, resource) }), countDestination },
      completions: generate(generateCompletions(options)),
      embeddings: { ...embed, wire: embedContent(resource), readError: readGoogleError },
    },
    natives: {
      gemini: {
        chat: native({
          destination: destination('generateContent'),
          streamDestination: destination('streamGenerateContent?alt=sse'),
          countDestination,
        }),
        embeddings: native(embed),
      },
    },
    relay: rawRelay(withoutLastSegment(base), [['x-goog-api-key', config.gemini_api_key]]),
    secrets: [config.gemini_api_key],
  };
}

/** https://ai.google.dev/api */
const gemini: Provider<Config> = {
  name: 'gemini',
  displayName: 'Gemini',
  conventionalName: 'gcp.gemini',
  schema,
  capabilities: {
    chat: true,
    'chat-stream': true,
    tools: true,
    'tool-stream': true,
    images: 'by URL: fetched by the gateway',
    documents: 'by URL: fetched by the gateway; of the Files API by `file_id`',
    'json-schema': true,
    reasoning: true,
    'prompt-cache': '`cached_content`, and what the API caches by itself',
    completions: true,
    'completions-stream': true,
    embeddings: true,
  },
  deploy,
};

export const providers: readonly Provider[] = [gemini];
