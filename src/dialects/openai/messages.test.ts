import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../core/types.ts';
import { decodeChat, decodeMessage, partsOf } from '../testing/chat-request.ts';

describe('content', () => {
  test('is a text, a list of parts, or nothing', () => {
    expect(partsOf('hi')).toEqual([{ type: 'text', text: 'hi' }]);
    expect(partsOf(null)).toEqual([]);
    expect(partsOf([])).toEqual([]);
    expect(decodeMessage({ role: 'user' }).parts).toEqual([]);
  });

  test('an image by data URL is base64, by another URL it stays one', () => {
    const image = (url: string, more = {}) => partsOf([{ type: 'image_url', image_url: { url, ...more } }])[0];
    expect(image('data:image/PNG;base64,iVBOR', { detail: 'low' })).toEqual({
      type: 'image',
      source: { kind: 'base64', mediaType: 'image/png', data: 'iVBOR' },
      detail: 'low',
    });
    expect(image('https://example.com/a.png')).toMatchObject({
      source: { kind: 'url', url: 'https://example.com/a.png' },
    });
    expect(image('data:image/svg+xml;charset=utf-8,%3Csvg%3E')).toMatchObject({
      source: { mediaType: 'image/svg+xml', data: Buffer.from('<svg>').toString('base64') },
    });
    expect(partsOf([{ type: 'image_url', image_url: 'https://e.com/i' }])[0]).toMatchObject({
      source: { kind: 'url', url: 'https://e.com/i' },
    });
  });

  test('a recording has the media type of its format', () => {
    const audio = (format: string) => partsOf([{ type: 'input_audio', input_audio: { data: 'UklG', format } }])[0];
    expect(audio('wav')).toEqual({ type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'UklG' } });
    expect(audio('mp3')).toMatchObject({ source: { mediaType: 'audio/mpeg' } });
    expect(audio('flac')).toMatchObject({ source: { mediaType: 'audio/flac' } });
  });

  test('a file is a document by its bytes, its address or its id', () => {
    const file = (value: JsonObject) => partsOf([{ type: 'file', file: value }])[0];
    expect(file({ file_data: 'data:application/pdf;base64,JVBE', filename: 'a.pdf' })).toEqual({
      type: 'document',
      source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' },
      name: 'a.pdf',
    });
    expect(file({ file_data: 'aGk=', filename: 'notes.TXT' })).toMatchObject({ source: { mediaType: 'text/plain' } });
    expect(file({ file_data: 'JVBE' })).toMatchObject({ source: { mediaType: 'application/pdf' } });
    expect(file({ file_data: 'https://e.com/a.pdf' })).toMatchObject({ source: { kind: 'url' } });
    expect(file({ file_id: 'file-1' })).toEqual({ type: 'document', source: { kind: 'file', id: 'file-1' } });
  });

  test("refusals, MLflow's reasoning and parts of unknown kinds are kept", () => {
    const reasoning = {
      type: 'reasoning',
      id: 'rs_1',
      summary: [
        { type: 'summary_text', text: 'First' },
        { type: 'summary_text', text: 'then' },
      ],
      encrypted_content: 'gAAA',
    };
    const video = { type: 'video_url', video_url: { url: 'https://e.com/v' } };
    expect(partsOf([{ type: 'refusal', refusal: 'no' }, reasoning, video])).toEqual([
      { type: 'refusal', text: 'no' },
      { type: 'reasoning', text: 'First\n\nthen', encrypted: 'gAAA', rest: { id: 'rs_1' } },
      { type: 'other', value: video },
    ]);
  });

  test('cache marks and unknown fields of a part are kept, its nulls are not', () => {
    const cache_control = { type: 'ephemeral', ttl: '1h' };
    expect(partsOf([{ type: 'text', text: 'x', cache_control, shade: 2, citations: null }])).toEqual([
      { type: 'text', text: 'x', cacheControl: cache_control, rest: { shade: 2 } },
    ]);
    expect(
      partsOf([{ type: 'image_url', size: 1, image_url: { url: 'https://e.com', detail: null, size: 2, fps: 3 } }])[0],
    ).toMatchObject({ rest: { size: 1, 'image_url.size': 2, fps: 3 } });
  });
});

describe('messages', () => {
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a": 1}' } };

  test('text stands before tool calls, and the arguments keep their bytes', () => {
    expect(decodeMessage({ role: 'assistant', content: 'let me', tool_calls: [call] }).parts).toEqual([
      { type: 'text', text: 'let me' },
      { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a": 1}' },
    ]);
    expect(decodeMessage({ role: 'assistant', content: '', tool_calls: [call] }).parts).toHaveLength(1);
  });

  test('a thought signature is read from both places that clients know', () => {
    const signed = (more: JsonObject) =>
      decodeMessage({ role: 'assistant', tool_calls: [{ ...call, ...more }] }).parts[0];
    expect(signed({ thought_signature: 's' })).toMatchObject({ signature: 's' });
    expect(signed({ extra_content: { google: { thought_signature: 't' } } })).toEqual({
      type: 'tool-call',
      id: 'c1',
      name: 'f',
      arguments: '{"a": 1}',
      signature: 't',
    });
    const extra_content = { google: { thought_signature: 't', more: 1 } };
    expect(signed({ extra_content })).toMatchObject({ signature: 't', rest: { extra_content } });
  });

  test('calls of other kinds are kept as they are', () => {
    const custom = { id: 'c2', type: 'custom', custom: { name: 'shell', input: 'ls' } };
    expect(decodeMessage({ role: 'assistant', tool_calls: [custom] }).parts).toEqual([
      { type: 'other', value: custom },
    ]);
  });

  test('reasoning comes first, with its signatures where the details have them', () => {
    const reasoning_details = [
      { type: 'reasoning.text', text: 'hm', signature: 'sig', index: 0 },
      { type: 'reasoning.encrypted', data: 'gAAA', index: 1 },
      { type: 'reasoning.summary', summary: 'short', format: 'v1' },
      { type: 'reasoning.text', text: '', signature: 'alone' },
    ];
    expect(
      decodeMessage({ role: 'assistant', content: 'ok', reasoning_content: 'hm', reasoning_details }).parts,
    ).toEqual([
      { type: 'reasoning', text: 'hm', signature: 'sig' },
      { type: 'reasoning', text: '', encrypted: 'gAAA' },
      { type: 'reasoning', text: 'short', rest: { format: 'v1' } },
      { type: 'reasoning', text: '', signature: 'alone' },
      { type: 'text', text: 'ok' },
    ]);
    expect(decodeMessage({ role: 'assistant', reasoning_content: 'hm' }).parts).toEqual([
      { type: 'reasoning', text: 'hm' },
    ]);
    expect(decodeMessage({ role: 'assistant', reasoning: 'hm', reasoning_content: 'hm' })).toEqual({
      role: 'assistant',
      parts: [{ type: 'reasoning', text: 'hm' }],
      rest: {},
    });
  });

  test('what stands in the fields of reasoning and is none is kept', () => {
    const odd = { reasoning_content: 7, reasoning_details: [{ type: 'reasoning.new' }, { type: 'x', data: 'd' }] };
    expect(decodeMessage({ role: 'assistant', ...odd })).toEqual({
      role: 'assistant',
      parts: [{ type: 'reasoning', text: '', encrypted: 'd' }],
      rest: { reasoning_content: 7, reasoning_details: [{ type: 'reasoning.new' }] },
    });
  });

  test('images and other parts of an earlier answer come back as they were', () => {
    const images = [
      { index: 0, type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO', thought_signature: 's' } },
    ];
    const other_content = [{ index: 1, executableCode: { code: 'x' } }];
    expect(decodeMessage({ role: 'assistant', content: 'a', images, other_content }).parts).toEqual([
      { type: 'text', text: 'a' },
      {
        type: 'image',
        source: { kind: 'base64', mediaType: 'image/png', data: 'iVBO' },
        rest: { thought_signature: 's' },
      },
      { type: 'other', value: { executableCode: { code: 'x' } } },
    ]);
    expect(decodeMessage({ role: 'assistant', images: 'none', other_content: [1] }).rest).toEqual({
      images: 'none',
      other_content: [1],
    });
  });

  test('a tool message holds one result, of texts or images', () => {
    const cache_control = { type: 'ephemeral' };
    const image = { type: 'image_url', image_url: { url: 'https://e.com/i' } };
    const tool = { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: '5' }, image], is_error: true };
    expect(decodeMessage({ ...tool, name: 'f', cache_control })).toEqual({
      role: 'tool',
      parts: [
        {
          type: 'tool-result',
          toolCallId: 'c1',
          parts: [
            { type: 'text', text: '5' },
            { type: 'image', source: { kind: 'url', url: 'https://e.com/i' } },
          ],
          isError: true,
          cacheControl: cache_control,
        },
      ],
      rest: { name: 'f' },
    });
  });

  test('unknown fields, names and any role are kept', () => {
    expect(
      decodeMessage({ role: 'critic', content: 'x', name: 'ann', weight: 0, audio: { id: 'a' }, gone: null }),
    ).toEqual({
      role: 'critic',
      parts: [{ type: 'text', text: 'x' }],
      rest: { name: 'ann', weight: 0, audio: { id: 'a' } },
    });
    expect(decodeMessage({ role: 'assistant', content: 'x', refusal: 'no' }).parts).toContainEqual({
      type: 'refusal',
      text: 'no',
    });
  });

  test('a cache mark beside the content belongs to its last part', () => {
    const cache_control = { type: 'ephemeral' };
    const two = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    expect(decodeMessage({ role: 'system', content: two, cache_control }).parts).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b', cacheControl: cache_control },
    ]);
    expect(decodeMessage({ role: 'user', content: [], cache_control }).rest).toEqual({ cache_control });
    const own = [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }];
    expect(decodeMessage({ role: 'user', content: own, cache_control }).rest).toEqual({ cache_control });
  });

  test('the deprecated function calls become tool calls with ids that match', () => {
    const request = decodeChat({
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: '1' },
      ],
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
    });
    const [, asked, answered] = request.messages;
    expect(asked?.parts).toEqual([{ type: 'tool-call', id: 'call_0', name: 'f', arguments: '{}' }]);
    expect(answered).toEqual({
      role: 'tool',
      parts: [{ type: 'tool-result', toolCallId: 'call_0', parts: [{ type: 'text', text: '1' }] }],
      rest: {},
    });
    expect(request).toMatchObject({
      tools: [{ name: 'f', parameters: { type: 'object' } }],
      toolChoice: { name: 'f' },
      parallelToolCalls: false,
      rest: {},
    });
  });
});
