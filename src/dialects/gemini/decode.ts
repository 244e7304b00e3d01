import type { NeutralChatRequest, NeutralRequest } from '../../core/neutral/request.ts';
import type { Operation } from '../../core/types.ts';
import type { CheckedRequest } from '../dialect.ts';
import type { Places } from '../places.ts';
import { questionOf } from './check.ts';
import { decodeContents } from './contents.ts';
import { decodeEmbeddings } from './embeddings.ts';
import { members } from './fields.ts';
import { decodeGenerationConfig } from './generation-config.ts';
import { decodeToolConfig, decodeTools } from './tools.ts';

/** The neutral shape of a checked request. https://ai.google.dev/api/generate-content */
export function decodeRequest(
  operation: Operation,
  request: CheckedRequest,
  places: Places | null = null,
): NeutralRequest {
  return operation === 'embeddings' ? decodeEmbeddings(request) : decodeChat(request, places);
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };

function decodeChat({ body, path, streams }: CheckedRequest, places: Places | null): NeutralChatRequest {
  const question = questionOf(body, path);
  const request: Draft<NeutralChatRequest> = {
    operation: 'chat',
    surface: 'standard',
    messages: decodeContents(question.systemInstruction, question.contents, places),
    tools: decodeTools(question.tools, places),
    settings: {},
    stream: streams,
    rest: {},
  };
  for (const [field, value] of members(question)) {
    if (field === 'generationConfig') decodeGenerationConfig(value, request);
    else if (field === 'toolConfig') decodeToolConfig(value, request);
    // Google's word for what OpenAI calls the default.
    else if (field === 'serviceTier') request.rest.service_tier = value === 'standard' ? 'default' : value;
    else if (!READ.has(field)) request.rest[field] = value;
  }
  return request;
}

/** What is read on its own. `model` named the endpoint. */
const READ: ReadonlySet<string> = new Set(['contents', 'systemInstruction', 'tools', 'model']);
