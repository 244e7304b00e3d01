import { EventStreamCodec } from '@smithy/eventstream-codec';
import { responses } from './responses-format.ts';
import { QUESTION, sse, TEXT, type WireFormat, words } from './wire-format.ts';

/** https://docs.anthropic.com/en/api/messages-streaming */
const anthropic: WireFormat = {
  name: 'Anthropic',
  model: (base) => ({
    provider: 'anthropic',
    name: 'claude-sonnet-4-5',
    config: { anthropic_api_key: 'sk-test', anthropic_api_base: `${base}/anthropic/v1` },
  }),
  native: {
    path: () => '/v1/messages',
    body: (endpoint, isStream) => ({
      model: endpoint,
      max_tokens: 256,
      system: 'You are a helpful assistant.',
      messages: [{ role: 'user', content: QUESTION }],
      ...(isStream && { stream: true }),
    }),
  },
  chatPath: '/anthropic/v1/messages',
  streamPath: '/anthropic/v1/messages',
  answer: JSON.stringify({
    id: 'msg_01Bench',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5-20250929',
    content: [{ type: 'text', text: TEXT }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 36,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: 29,
      service_tier: 'standard',
    },
  }),
  streamContentType: 'text/event-stream; charset=utf-8',
  events: (pieces) => {
    const event = (data: { readonly type: string }): Buffer => sse(data.type, data);
    const usage = { input_tokens: 24, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 };
    const message = { id: 'msg_01Bench', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929' };
    const delta = (text: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
    return [
      event({ type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } } as never),
      event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as never),
      event({ type: 'ping' }),
      ...words(pieces).map((word) => event(delta(word))),
      event({ type: 'content_block_stop', index: 0 } as never),
      event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: pieces } } as never),
      event({ type: 'message_stop' }),
    ];
  },
};

/** https://ai.google.dev/api/generate-content */
const gemini: WireFormat = {
  name: 'Gemini',
  model: (base) => ({
    provider: 'gemini',
    name: 'gemini-2.5-flash',
    config: { gemini_api_key: 'sk-test', gemini_api_base: `${base}/v1beta` },
  }),
  native: {
    path: (endpoint, isStream) =>
      `/v1beta/models/${endpoint}:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: () => ({
      systemInstruction: { parts: [{ text: 'You are a helpful assistant.' }] },
      contents: [{ role: 'user', parts: [{ text: QUESTION }] }],
      generationConfig: { maxOutputTokens: 256 },
    }),
  },
  chatPath: '/v1beta/models/gemini-2.5-flash:generateContent',
  streamPath: '/v1beta/models/gemini-2.5-flash:streamGenerateContent',
  answer: JSON.stringify({
    candidates: [{ content: { parts: [{ text: TEXT }], role: 'model' }, finishReason: 'STOP', index: 0 }],
    usageMetadata: {
      promptTokenCount: 36,
      candidatesTokenCount: 29,
      totalTokenCount: 65,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 36 }],
    },
    modelVersion: 'gemini-2.5-flash',
    responseId: 'Bench',
  }),
  streamContentType: 'text/event-stream',
  events: (pieces) =>
    words(pieces).map((text, index) => {
      const last = index === pieces - 1;
      const usageMetadata = { promptTokenCount: 24, candidatesTokenCount: index + 1, totalTokenCount: index + 25 };
      const content = { parts: [{ text }], role: 'model' };
      const candidate = { content, ...(last && { finishReason: 'STOP' }), index: 0 };
      const chunk = { candidates: [candidate], usageMetadata, modelVersion: 'gemini-2.5-flash', responseId: 'B' };
      // Google's servers end their lines so.
      return sse(null, chunk, '\r\n');
    }),
};

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
);

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
function bedrock(name: string, credentials: object): WireFormat {
  const model = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
  const frame = (type: string, payload: object): Buffer => {
    const text = (value: string) => ({ type: 'string', value }) as const;
    const headers = {
      ':event-type': text(type),
      ':content-type': text('application/json'),
      ':message-type': text('event'),
    };
    return Buffer.from(codec.encode({ headers, body: Buffer.from(JSON.stringify(payload)) }));
  };
  return {
    name,
    model: (base) => ({
      provider: 'bedrock',
      name: model,
      config: { aws_config: { ...credentials, aws_region: 'us-east-1', aws_endpoint_url: base } },
    }),
    chatPath: `/model/${encodeURIComponent(model)}/converse`,
    streamPath: `/model/${encodeURIComponent(model)}/converse-stream`,
    answer: JSON.stringify({
      metrics: { latencyMs: 551 },
      output: { message: { content: [{ text: TEXT }], role: 'assistant' } },
      stopReason: 'end_turn',
      usage: { inputTokens: 36, outputTokens: 29, totalTokens: 65 },
    }),
    streamContentType: 'application/vnd.amazon.eventstream',
    events: (pieces) => [
      frame('messageStart', { role: 'assistant', p: 'abcd' }),
      ...words(pieces).map((text) =>
        frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text }, p: 'abcdefg' }),
      ),
      frame('contentBlockStop', { contentBlockIndex: 0, p: 'abcdef' }),
      frame('messageStop', { stopReason: 'end_turn', p: 'abcde' }),
      frame('metadata', {
        usage: { inputTokens: 24, outputTokens: pieces, totalTokens: pieces + 24 },
        metrics: { latencyMs: 9 },
      }),
    ],
  };
}

export const FORMATS: readonly WireFormat[] = [
  anthropic,
  gemini,
  responses,
  bedrock('Bedrock, access keys', { aws_access_key_id: 'AKIAEXAMPLE', aws_secret_access_key: 'example' }),
  bedrock('Bedrock, bearer key', { aws_bearer_token: 'example' }),
];
