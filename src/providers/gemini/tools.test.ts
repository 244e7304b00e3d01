import { describe, expect, test } from 'bun:test';
import { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import { encodeToolChoice, encodeTools } from './tools.ts';

function request(fields: Partial<NeutralChatRequest>): NeutralChatRequest {
  return {
    operation: 'chat',
    surface: 'standard',
    messages: [],
    tools: [],
    settings: {},
    stream: false,
    rest: {},
    ...fields,
  };
}

function choice(fields: Partial<NeutralChatRequest>) {
  const changes = new Changes();
  return [encodeToolChoice(request(fields), changes), changes.toString()] as const;
}

const STRICT = [{ name: 'f', strict: true }];

describe('tools', () => {
  test('that Google runs pass as they are, with or without a type; those of another API do not', () => {
    const changes = new Changes();
    const others = [
      { googleSearch: {} },
      { type: 'urlContext', urlContext: {} },
      { type: 'web_search' },
      { type: 1 },
      {},
    ];
    expect(
      encodeTools(
        others.map((other) => ({ other })),
        changes,
      ),
    ).toEqual([{ googleSearch: {} }, { urlContext: {} }]);
    expect(changes.toString()).toBe('tools.2;dropped, tools.3;dropped, tools.4;dropped');
  });

  test('name what a declaration has no place for', () => {
    const changes = new Changes();
    encodeTools([{ name: 'f', cacheControl: { type: 'ephemeral' }, rest: { examples: [] } }], changes);
    expect(changes.toString()).toBe('tools.0.cache_control;dropped, tools.0.function.examples;dropped');
  });
});

describe('a tool choice', () => {
  test('is left to the default where the client says so', () => {
    expect(choice({ toolChoice: 'auto', tools: [{ name: 'f' }] })).toEqual([null, '']);
  });

  test('with strict tools keeps to their schemas; MLflow leaves that out', () => {
    expect(choice({ tools: STRICT })).toEqual([{ mode: 'VALIDATED' }, '']);
    expect(choice({ tools: STRICT, surface: 'mlflow' })).toEqual([null, 'tools.0.function.strict;dropped']);
    expect(choice({ tools: STRICT, toolChoice: 'required' })).toEqual([{ mode: 'ANY' }, '']);
  });

  test('of a kind that is not known is named', () => {
    const unknown = { type: 'custom', custom: { name: 'grep' } };
    expect(choice({ rest: { tool_choice: unknown } })).toEqual([null, 'tool_choice;dropped']);
    const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'mcp' }] } };
    expect(choice({ rest: { tool_choice: allowed } })).toEqual([
      { mode: 'VALIDATED', allowedFunctionNames: [] },
      'tool_choice;approximated',
    ]);
  });
});
