import { describe, expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { claudeWire } from '../../providers/anthropic/wire.ts';
import { PLAIN_PATH } from '../dialect.ts';
import { decodeContent } from './blocks.ts';
import { encodeContent } from './content.ts';
import { anthropic } from './index.ts';

/** The body that the provider's own wire makes of a client's, and what it says that it changed. */
function throughNeutral(body: JsonObject): { body: JsonObject; changes: string } {
  const request = anthropic.decode('chat', anthropic.check('chat', body, false, PLAIN_PATH));
  const changes = new Changes();
  const encoded = claudeWire({ model: String(body.model), version: null }).encode(request, changes);
  return { body: encoded, changes: changes.toString() };
}

/** What the API says means the same: a text and a list with that text, turns of one role and the one they make up. */
function normalised({ messages, ...body }: JsonObject): JsonObject {
  const turns: Array<{ role: unknown; content: unknown[] }> = [];
  for (const { role, content } of messages as JsonObject[]) {
    const blocks = (typeof content === 'string' ? [{ type: 'text', text: content }] : content) as JsonObject[];
    const normal = blocks.map(normalBlock);
    const last = turns.at(-1);
    if (last && last.role === role) last.content.push(...normal);
    else turns.push({ role, content: normal });
  }
  return { ...body, messages: turns };
}

function normalBlock(block: JsonObject): JsonObject {
  const { content } = block;
  const only: unknown = Array.isArray(content) && content.length === 1 ? content[0] : null;
  const isText = isJsonObject(only) && only.type === 'text' && Object.keys(only).length === 2;
  return block.type === 'tool_result' && isText ? { ...block, content: only.text } : block;
}

const SONNET = 'claude-sonnet-4-5';
const OPUS = 'claude-opus-4-6';
const PIXEL = 'iVBORw0KGgo=';
const EPHEMERAL = { type: 'ephemeral' };
const WEATHER = {
  name: 'get_weather',
  description: 'Get the current weather in a given location',
  input_schema: {
    type: 'object',
    properties: { location: { type: 'string', description: 'The city and state, e.g. San Francisco, CA' } },
    required: ['location'],
  },
};
const HELLO = [{ role: 'user', content: 'Hello, Claude' }];

const EXAMPLES: ReadonlyArray<readonly [name: string, body: JsonObject]> = [
  ['a text', { model: SONNET, max_tokens: 1024, messages: HELLO }],
  [
    'several turns and the beginning of the answer',
    {
      model: SONNET,
      max_tokens: 1,
      messages: [
        { role: 'user', content: 'What is latin for Ant? (A) Apoidea, (B) Rhopalocera, (C) Formicidae' },
        { role: 'assistant', content: 'The answer is (' },
      ],
    },
  ],
  [
    'all settings',
    {
      model: 'claude-3-7-sonnet-20250219',
      max_tokens: 1024,
      system: 'You are a poet.',
      messages: HELLO,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      stop_sequences: ['END', '\n\nHuman:'],
      stream: true,
      metadata: { user_id: '13803d75-b4b5-4c3e-b2a2-6f21399b021b' },
      service_tier: 'standard_only',
    },
  ],
  [
    'images of each source',
    {
      model: SONNET,
      max_tokens: 1024,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/ant.jpg' }, cache_control: EPHEMERAL },
            { type: 'image', source: { type: 'file', file_id: 'file_abc' } },
            { type: 'text', text: 'Describe these images.' },
          ],
        },
      ],
    },
  ],
  [
    'documents of each source, with citations',
    {
      model: SONNET,
      max_tokens: 1024,
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'The grass is grün. 😀' },
              title: 'My Document',
              context: 'This is a trustworthy document.',
              citations: { enabled: true },
              cache_control: { type: 'ephemeral', ttl: '1h' },
            },
            { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } },
            { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
            { type: 'document', source: { type: 'file', file_id: 'file_011' }, title: 'Report' },
            {
              type: 'document',
              source: { type: 'content', content: [{ type: 'text', text: 'First chunk' }] },
              citations: { enabled: true },
            },
            {
              type: 'search_result',
              source: 'https://example.com/article',
              title: 'Article',
              content: [{ type: 'text', text: 'Found' }],
              citations: { enabled: true },
            },
            { type: 'text', text: 'What color is the grass?' },
          ],
        },
        {
          role: 'assistant',
          content: [
            {
              type: 'text',
              text: 'the grass is green',
              citations: [
                {
                  type: 'char_location',
                  cited_text: 'The grass is green.',
                  document_index: 0,
                  document_title: 'My Document',
                  start_char_index: 0,
                  end_char_index: 20,
                },
              ],
            },
            { type: 'text', text: ' and nothing else.' },
          ],
        },
        { role: 'user', content: 'Thanks' },
      ],
    },
  ],
  [
    'a prompt cache over system, tools and turns',
    {
      model: SONNET,
      max_tokens: 1024,
      cache_control: EPHEMERAL,
      system: [
        { type: 'text', text: 'You are an AI assistant tasked with analyzing literary works.' },
        { type: 'text', text: '<the entire contents of Pride and Prejudice>', cache_control: EPHEMERAL },
      ],
      tools: [WEATHER, { ...WEATHER, name: 'get_time', cache_control: EPHEMERAL }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Analyze', cache_control: EPHEMERAL }] }],
    },
  ],
  [
    'parallel tools over two turns, with a failed one',
    {
      model: SONNET,
      max_tokens: 1024,
      tools: [
        WEATHER,
        {
          ...WEATHER,
          name: 'get_time',
          input_schema: { ...WEATHER.input_schema, additionalProperties: false },
          strict: true,
          input_examples: [{ location: 'Paris' }],
        },
      ],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      messages: [
        { role: 'user', content: "What's the weather like in San Francisco?" },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: "I'll check." },
            { type: 'tool_use', id: 'toolu_01A', name: 'get_weather', input: { location: 'San Francisco, CA' } },
            { type: 'tool_use', id: 'toolu_02B', name: 'get_time', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_01A',
              content: [
                { type: 'text', text: '15 degrees' },
                { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: PIXEL } },
              ],
              cache_control: EPHEMERAL,
            },
            { type: 'tool_result', tool_use_id: 'toolu_02B', content: 'ConnectionError', is_error: true },
            { type: 'text', text: 'What should I wear?' },
          ],
        },
      ],
    },
  ],
  [
    'a tool result without content',
    {
      model: SONNET,
      max_tokens: 10,
      tools: [WEATHER],
      tool_choice: { type: 'tool', name: 'get_weather' },
      messages: [
        ...HELLO,
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { a: [1, null] } }],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] },
      ],
    },
  ],
  [
    'thinking with its signatures',
    {
      model: SONNET,
      max_tokens: 16_000,
      thinking: { type: 'enabled', budget_tokens: 10_000 },
      tools: [WEATHER],
      messages: [
        { role: 'user', content: 'Weather in Paris?' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'The user wants…', signature: 'BDaL4VrbR2Oj' },
            { type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix' },
            { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { location: 'Paris' } },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '88°F' }] },
      ],
    },
  ],
  [
    'adaptive thinking with an effort',
    {
      model: OPUS,
      max_tokens: 16_000,
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
      messages: HELLO,
    },
  ],
  [
    'thinking whose text is left out',
    { model: 'claude-opus-4-7', max_tokens: 99, thinking: { type: 'adaptive', display: 'omitted' }, messages: HELLO },
  ],
  [
    'a schema for the answer',
    {
      model: SONNET,
      max_tokens: 1024,
      messages: HELLO,
      output_config: {
        format: {
          type: 'json_schema',
          schema: {
            type: 'object',
            properties: { name: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
            required: ['name'],
            additionalProperties: false,
          },
        },
      },
    },
  ],
  [
    'server tools, their calls and results, and tools of the maker',
    {
      model: SONNET,
      max_tokens: 1024,
      tools: [
        { type: 'web_search_20250305', name: 'web_search', max_uses: 5 },
        { type: 'bash_20250124', name: 'bash' },
        WEATHER,
      ],
      tool_choice: { type: 'any' },
      messages: [
        ...HELLO,
        {
          role: 'assistant',
          content: [
            { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'ants' } },
            {
              type: 'web_search_tool_result',
              tool_use_id: 'srvtoolu_1',
              content: [
                { type: 'web_search_result', url: 'https://example.com', title: 'Ants', encrypted_content: 'x' },
              ],
            },
            { type: 'text', text: 'Ants.' },
          ],
        },
        { role: 'user', content: 'More' },
      ],
    },
  ],
  [
    'remote servers, a container and the editing of the context',
    {
      model: SONNET,
      max_tokens: 1000,
      messages: HELLO,
      mcp_servers: [{ type: 'url', url: 'https://example.com/sse', name: 'example', authorization_token: 'TOKEN' }],
      container: 'container_011',
      context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
      inference_geo: 'us',
    },
  ],
];

describe("the vendor's own requests come out of the neutral shape as they went in", () => {
  test.each(EXAMPLES.map(([name, body]) => [name, body] as const))('%s', (_name, body) => {
    const result = throughNeutral(body);
    expect(result.changes).toBe('');
    expect(normalised(result.body)).toEqual(normalised(body));
  });
});

test('parts of an API without types come back as they were', () => {
  const part = { type: 'other', value: { executableCode: { code: 'print(4)' } } } as const;
  const [block] = encodeContent([part]);
  expect(typeof block?.type).toBe('string');
  expect(decodeContent([block], 'messages.1.content')).toEqual([part]);
});
