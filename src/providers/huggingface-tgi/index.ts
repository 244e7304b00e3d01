import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import { isJsonObject } from '../../core/types.ts';
import { joinUrl, jsonDestination, openaiTarget } from '../openai-target.ts';
import type { Deployment, ModelSettings, Provider, UpstreamErrorReading } from '../provider.ts';
import { rawRelay, relayHeaders } from '../relay-target.ts';
import { adjust, mend, mendChunk } from './chat.ts';
import { completions } from './wire.ts';

const schema = z.object({
  hf_server_url: expandable().describe('The URL of the server, for example http://127.0.0.1:8080.'),
  hf_api_key: apiKey().nullish().describe('The key or token, for a server that asks for one.'),
});

type Config = z.output<typeof schema>;

function deploy({ name, config }: ModelSettings<Config>): Deployment {
  const key = config.hf_api_key ?? null;
  const url = (path: string) => joinUrl(config.hf_server_url, path);
  return {
    targets: {
      chat: {
        ...openaiTarget({ model: name, url: url('v1/chat/completions'), bearer: key, mend }),
        adjust,
        mendChunk,
        readError,
      },
      completions: {
        wire: completions,
        destination: jsonDestination(url('generate'), key),
        streamDestination: jsonDestination(url('generate_stream'), key),
        readError,
      },
    },
    relay: rawRelay(config.hf_server_url, relayHeaders(key)),
    secrets: key ? [key] : [],
  };
}

/** `{"error": "…", "error_type": "validation"}` */
function readError(body: unknown): UpstreamErrorReading | null {
  if (!isJsonObject(body) || typeof body.error !== 'string') return null;
  return { message: body.error, type: typeof body.error_type === 'string' ? body.error_type : null };
}

const textGenerationInference: Provider<Config> = {
  name: 'huggingface-text-generation-inference',
  displayName: 'Hugging Face Text Generation Inference',
  schema,
  capabilities: {
    chat: 'from version 1.4 of the server',
    'chat-stream': true,
    tools: true,
    'tool-stream': true,
    images: 'vision models',
    'json-schema': true,
    completions: true,
    'completions-stream': true,
  },
  deploy,
};

export const providers: readonly Provider[] = [textGenerationInference];
