import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { Operation } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { joinUrl } from '../openai-target.ts';
import type { Deployment, ModelSettings, Provider, TranslatedTarget, UpstreamErrorReading } from '../provider.ts';
import { rawRelay } from '../relay-target.ts';
import { WIRES } from './wire.ts';

const BASE = 'https://models.hosted-on.mosaicml.hosting';

const schema = z.object({
  mosaicml_api_key: apiKey().describe('The API key.'),
  mosaicml_api_base: expandable().nullish().describe(`The base URL, when it is not ${BASE}.`),
});

type Config = z.output<typeof schema>;

function deploy({ name, config }: ModelSettings<Config>): Deployment {
  // The key stands alone, without `Bearer`.
  const credential = ['authorization', config.mosaicml_api_key] as const;
  const base = config.mosaicml_api_base ?? BASE;
  const target = (operation: Operation): TranslatedTarget => ({
    wire: WIRES[operation],
    destination: {
      method: 'POST',
      url: joinUrl(base, `${name}/v1/predict`),
      headers: [['content-type', 'application/json'], credential],
    },
    readError,
  });
  return {
    targets: { chat: target('chat'), completions: target('completions'), embeddings: target('embeddings') },
    relay: rawRelay(base, [credential]),
    secrets: [config.mosaicml_api_key],
  };
}

/** Requests that ask for too much are answered with status 500, which would look like a failure of the provider. */
const TOO_MUCH = ['Error: max output tokens is limited to', 'Error: prompt token count'];

function readError(body: unknown): UpstreamErrorReading | null {
  const message = isJsonObject(body) ? body.message : body;
  if (typeof message !== 'string' || !TOO_MUCH.some((start) => message.startsWith(start))) return null;
  return { message, type: null, status: 422 };
}

/** The service is shut down; kept for servers of the same API. Chat is for Llama 2 models. */
const mosaicml: Provider<Config> = {
  name: 'mosaicml',
  displayName: 'MosaicML',
  schema,
  capabilities: { chat: 'Llama 2 models', completions: true, embeddings: true },
  deploy,
};

export const providers: readonly Provider[] = [mosaicml];
