import type { NpmClient } from '../client.ts';
import { aiSdkChat, aiSdkResponses } from './ai-sdk.ts';
import { anthropicMessages } from './anthropic.ts';
import { googleGenai } from './genai.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';

/** The official clients of npm, as the lock file has them. */
export const NPM_CLIENTS: readonly NpmClient[] = [
  openaiChat,
  openaiResponses,
  anthropicMessages,
  googleGenai,
  aiSdkChat,
  aiSdkResponses,
];
