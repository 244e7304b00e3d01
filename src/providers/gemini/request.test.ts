import { describe, expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import type { JsonObject } from '../../core/types.ts';
import { generateChat } from './wire.ts';

function encode(rest: JsonObject, isVertex = false) {
  const changes = new Changes();
  const wire = generateChat({ model: 'gemini-2.5-flash', isVertex, fileBase: null });
  const base = {
    operation: 'chat',
    surface: 'standard',
    messages: [],
    tools: [],
    settings: {},
    stream: false,
  } as const;
  const { contents: _, ...body } = wire.encode({ ...base, rest }, changes);
  return [body, changes.toString()] as const;
}

describe('further fields', () => {
  test('of the API pass in either notation', () => {
    expect(encode({ safetySettings: [], speech_config: { voice: 1 }, generation_config: { topK: 1 } })).toEqual([
      { safetySettings: [], generationConfig: { speechConfig: { voice: 1 }, topK: 1 } },
      '',
    ]);
  });

  test('of one of the two APIs are named by the other', () => {
    expect(encode({ labels: { a: 'b' } })).toEqual([{}, 'labels;dropped']);
    expect(encode({ labels: { a: 'b' } }, true)).toEqual([{ labels: { a: 'b' } }, '']);
  });

  test('keep a tool configuration beside the tool choice', () => {
    const retrievalConfig = { latLng: { latitude: 1, longitude: 2 } };
    const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [] } };
    expect(encode({ tool_config: { retrievalConfig }, tool_choice: allowed })[0]).toEqual({
      toolConfig: { retrievalConfig, functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [] } },
    });
  });

  test('that ask for nothing are not named', () => {
    expect(encode({ store: false, logprobs: false, service_tier: 'auto', seed: null })).toEqual([{}, '']);
  });

  test('that this API does not have are named, also where they are deep', () => {
    expect(encode({ store: true, extra_body: { google: { nothing: 1 }, other: 2 }, modalities: 'text' })).toEqual([
      {},
      'store;dropped, extra_body.other;dropped, extra_body.google.nothing;dropped, modalities;dropped',
    ]);
  });
});
