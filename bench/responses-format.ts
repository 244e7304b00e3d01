import { QUESTION, sse, TEXT, type WireFormat, words } from './wire-format.ts';

const RESPONSE = {
  id: 'resp_67ccd2bed1ec8190b14f964abc054267',
  object: 'response',
  created_at: 1_748_000_000,
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  instructions: 'You are a helpful assistant.',
  max_output_tokens: 256,
  model: 'gpt-4o-mini-2024-07-18',
  output: [] as object[],
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  store: true,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  truncation: 'disabled',
  usage: null as object | null,
  user: null,
  metadata: {},
};
const ITEM = 'msg_67ccd2bf17f0819081ff3bb2cf6508e6';

function completed(text: string, outputTokens: number): object {
  const usage = {
    input_tokens: 36,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: outputTokens + 36,
  };
  return { ...RESPONSE, status: 'completed', output: [message('completed', [part(text)])], usage };
}

function message(status: string, content: readonly object[]): object {
  return { id: ITEM, type: 'message', status, role: 'assistant', content };
}

function part(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/** https://platform.openai.com/docs/api-reference/responses-streaming */
export const responses: WireFormat = {
  name: 'OpenAI Responses',
  speaksChat: true,
  model: (base) => ({
    provider: 'openai',
    name: 'gpt-4o-mini',
    config: { openai_api_key: 'sk-test', openai_api_base: `${base}/v1` },
  }),
  native: {
    path: () => '/v1/responses',
    body: (endpoint, isStream) => ({
      model: endpoint,
      instructions: 'You are a helpful assistant.',
      input: [{ role: 'user', content: QUESTION }],
      max_output_tokens: 256,
      ...(isStream && { stream: true }),
    }),
  },
  chatPath: '/v1/responses',
  streamPath: '/v1/responses',
  answer: JSON.stringify(completed(TEXT, 29)),
  streamContentType: 'text/event-stream; charset=utf-8',
  events: (pieces) => {
    const place = { item_id: ITEM, output_index: 0, content_index: 0 };
    const text = words(pieces).join('').trim();
    const events: readonly (readonly [type: string, fields: object])[] = [
      ['created', { response: RESPONSE }],
      ['in_progress', { response: RESPONSE }],
      ['output_item.added', { output_index: 0, item: message('in_progress', []) }],
      ['content_part.added', { ...place, part: part('') }],
      ...words(pieces).map(
        (delta) => ['output_text.delta', { ...place, delta, logprobs: [], obfuscation: 'Gq1TxPmDcr' }] as const,
      ),
      ['output_text.done', { ...place, text, logprobs: [] }],
      ['content_part.done', { ...place, part: part(text) }],
      ['output_item.done', { output_index: 0, item: message('completed', [part(text)]) }],
      ['completed', { response: completed(text, pieces) }],
    ];
    return events.map(([name, fields], sequence_number) => {
      const type = `response.${name}`;
      return sse(type, { type, sequence_number, ...fields });
    });
  },
};
