import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Destination } from '../../upstream/port.ts';
import { joinUrl } from '../openai-target.ts';
import type { Deployment, ModelSettings, Provider, TranslatedTarget } from '../provider.ts';
import type { Wire } from '../wire.ts';
import { embedContent } from './embeddings.ts';
import { readGoogleError } from './errors.ts';
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
  const options = { model, isVertex: false, fileBase: base };
  return {
    targets: {
      chat: generate(generateChat(options)),
      completions: generate(generateCompletions(options)),
      embeddings: {
        wire: embedContent(resource),
        destination: destination('embedContent'),
        batchDestination: destination('batchEmbedContents'),
        readError: readGoogleError,
      },
    },
    secrets: [config.gemini_api_key],
  };
}

/** https://ai.google.dev/api */
const gemini: Provider<Config> = {
  name: 'gemini',
  displayName: 'Gemini',
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
