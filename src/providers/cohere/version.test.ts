import { describe, expect, test } from 'bun:test';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralRequest } from '../../core/neutral/request.ts';
import { isForVersion2 } from './version.ts';

const CHAT: NeutralChatRequest = {
  operation: 'chat',
  surface: 'mlflow',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'x' }], rest: {} }],
  tools: [],
  settings: { n: 1 },
  stream: false,
  rest: {},
};
const withPart = (part: NeutralPart): NeutralChatRequest => ({
  ...CHAT,
  messages: [{ role: 'user', parts: [part], rest: {} }],
});

describe('version 1 serves', () => {
  test.each<[string, NeutralRequest]>([
    ["plain chats of MLflow's surfaces", CHAT],
    ['a response format that asks for nothing', { ...CHAT, responseFormat: { type: 'text' } }],
    ['an earlier refusal', withPart({ type: 'refusal', text: 'no' })],
    [
      "completions of MLflow's surfaces",
      { operation: 'completions', surface: 'mlflow', prompt: 'x', settings: {}, stream: false, rest: {} },
    ],
    [
      'several completions of one prompt',
      { operation: 'completions', surface: 'standard', prompt: 'x', settings: { n: 2 }, stream: false, rest: {} },
    ],
    ["embeddings of MLflow's surfaces", { operation: 'embeddings', surface: 'mlflow', input: ['x'], rest: {} }],
  ])('%s', (_, request) => expect(isForVersion2(request)).toBe(false));
});

describe('version 2 serves', () => {
  test.each<[string, NeutralRequest]>([
    ['all other surfaces', { ...CHAT, surface: 'standard' }],
    ['tools', { ...CHAT, tools: [{ name: 'f' }] }],
    ['a choice of tools', { ...CHAT, toolChoice: 'none' }],
    ['calls of an earlier turn', withPart({ type: 'tool-call', id: '1', name: 'f', arguments: '{}' })],
    ['results of tools', withPart({ type: 'tool-result', toolCallId: '1', parts: [] })],
    ['images', withPart({ type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } })],
    ['reasoning', { ...CHAT, reasoning: { effort: 'high' } }],
    ['JSON', { ...CHAT, responseFormat: { type: 'json_object' } }],
    ['embeddings of other surfaces', { operation: 'embeddings', surface: 'standard', input: ['x'], rest: {} }],
  ])('%s', (_, request) => expect(isForVersion2(request)).toBe(true));
});
