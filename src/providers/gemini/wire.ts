import type { ToolNameRule } from '../../core/neutral/tool-names.ts';
import type { Wire } from '../wire.ts';
import { type GenerateOptions, RequestEncoder } from './request.ts';
import { decodeAnswer } from './response.ts';
import { generateStream } from './stream.ts';

/** What all versions of the API take. https://ai.google.dev/api/caching#FunctionDeclaration */
const TOOL_NAMES: ToolNameRule = { longest: 64, marks: '.:-', beginsWithLetter: true };

/** Chat through `generateContent`. https://ai.google.dev/api/generate-content */
export function generateChat(options: GenerateOptions): Wire {
  const encoder = new RequestEncoder(options);
  return {
    toolNames: TOOL_NAMES,
    encode: (request, changes) => (request.operation === 'chat' ? encoder.chat(request, changes) : {}),
    decode: (body) => decodeAnswer('chat', body),
    stream: generateStream('chat'),
  };
}

/** Completions, for which the API has no method of their own: the prompt is the one message of a chat. */
export function generateCompletions(options: GenerateOptions): Wire {
  const encoder = new RequestEncoder(options);
  return {
    encode: (request, changes) => (request.operation === 'completions' ? encoder.completions(request, changes) : {}),
    decode: (body) => decodeAnswer('completions', body),
    stream: generateStream('completions'),
  };
}
