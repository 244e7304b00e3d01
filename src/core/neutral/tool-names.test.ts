import { describe, expect, test } from 'bun:test';
import type { NeutralChatRequest } from './request.ts';
import { renameTools, restoreChunkNames, restoreNames, type ToolNameRule } from './tool-names.ts';

const STRICT: ToolNameRule = { longest: 64, marks: '', beginsWithLetter: true };
const USUAL: ToolNameRule = { longest: 64, marks: '-', beginsWithLetter: false };

function request(...names: string[]): NeutralChatRequest {
  return {
    operation: 'chat',
    surface: 'standard',
    messages: names.map((name) => ({
      role: 'assistant',
      parts: [{ type: 'tool-call', id: name, name, arguments: '' }],
      rest: {},
    })),
    tools: [...names.map((name) => ({ name })), { other: { type: 'web_search' } }],
    settings: {},
    stream: false,
    rest: {},
  };
}

const renamed = (name: string, rule = USUAL) => renameTools(request(name), rule);

describe('names of tools', () => {
  test.each([['get_weather'], ['a-b_C9'], ['x'.repeat(64)], ['']])('that are taken stay: %p', (name) => {
    expect(renamed(name)).toBeNull();
  });

  test.each([
    ['x'.repeat(65), USUAL],
    ['mcp/server.tool', USUAL],
    ['größe', USUAL],
    ['a-b', STRICT],
    ['9lives', STRICT],
    ['😀'.repeat(200), STRICT],
  ])('that are not become one that is, and come back: %p', (name, rule) => {
    const result = renamed(name, rule);
    const [tool] = result?.request.tools ?? [];
    const short = tool && 'name' in tool ? tool.name : '';
    expect(short).toMatch(rule === STRICT ? /^[A-Za-z_]\w{0,63}$/ : /^[\w-]{1,64}$/);
    expect(renameTools(request(short), rule)).toBeNull();
    expect(result?.request.messages[0]?.parts[0]).toMatchObject({ name: short, id: name });
    expect(result?.originals.get(short)).toBe(name);
  });

  test('that begin alike stay apart, and are the same in every request', () => {
    const long = 'tool_'.repeat(20);
    const names = [`${long}a`, `${long}b`];
    const first = renameTools(request(...names), USUAL)?.originals;
    expect(first?.size).toBe(2);
    expect(renameTools(request(...names.toReversed(), 'c'), USUAL)?.originals).toEqual(first);
  });

  test('are changed in choices too', () => {
    const one = renameTools({ ...request('a.b'), toolChoice: { name: 'a.b' } }, USUAL);
    const [short = ''] = one?.originals.keys() ?? [];
    expect(one?.request.toolChoice).toEqual({ name: short });
    const choice = (name: string) => ({
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name } }] },
    });
    const some = renameTools({ ...request('a.b'), rest: { tool_choice: choice('a.b'), seed: 1 } }, USUAL);
    expect(some?.request.rest).toEqual({ tool_choice: choice(short), seed: 1 });
  });

  test('come back in answers and in their pieces', () => {
    const originals = new Map([['short', 'a.b']]);
    const call = (name: string) => ({ type: 'tool-call', id: '1', name, arguments: '{}' }) as const;
    const answer = (...names: string[]) => ({
      operation: 'chat' as const,
      id: null,
      model: null,
      choices: [{ parts: names.map(call), finish: null }],
      usage: null,
    });
    expect(restoreNames(answer('short', 'other'), originals)).toEqual(answer('a.b', 'other'));
    const piece = (name: string) => ({
      choices: [
        {
          index: 0,
          toolCalls: [
            { index: 0, name },
            { index: 0, arguments: '{' },
          ],
        },
      ],
    });
    expect(restoreChunkNames(piece('short'), originals)).toEqual(piece('a.b'));
    const text = { choices: [{ index: 0, text: 'short' }] };
    expect(restoreChunkNames(text, originals)).toBe(text);
  });
});
