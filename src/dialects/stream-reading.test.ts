import { describe, expect, test } from 'bun:test';
import { wholeEventsLength } from './sse.ts';
import { noteEvents } from './stream-reading.ts';

const WORD = /"stop"|"error"/g;
const EVENTS = ['data: "a"', ': "stop"', 'data: "error" 1', 'event: x', 'data: "error" 2'];

/** The events that were noted, and what of the text was passed, when `refused` is not passed on. */
function noted(text: string, refused = ''): { readonly seen: string[]; readonly passed: string } {
  const seen: string[] = [];
  const passed = noteEvents(text, WORD, (event) => {
    seen.push(event.trim());
    return event.trim() !== refused;
  });
  return { seen, passed };
}

describe('events that hold a word', () => {
  test.each([['\n\n'], ['\r\n\r\n'], ['\r\r'], ['\n\r\n'], ['\r\n\n']])('are found between blank lines %j', (end) => {
    const text = EVENTS.map((event) => event + end).join('');
    expect(noted(text)).toEqual({ seen: [': "stop"', 'data: "error" 1', 'data: "error" 2'], passed: text });
    expect(noted(text, 'data: "error" 2')).toMatchObject({ passed: text.slice(0, text.indexOf('data: "error" 2')) });
    expect(noted(text, ': "stop"')).toEqual({ seen: [': "stop"'], passed: `data: "a"${end}` });
  });

  test('are found where each ends in another way', () => {
    const ends = ['\n\n', '\r\n\r\n', '\r\r', '\n\r\n', '\r\n\n'];
    const text = EVENTS.map((event, index) => event + ends[index]).join('');
    expect(noted(text)).toEqual({ seen: [': "stop"', 'data: "error" 1', 'data: "error" 2'], passed: text });
  });

  test('are seen once, however often they hold it, and at the very end of a text', () => {
    expect(noted('"stop" "error"\n\n"stop"\n\n').seen).toEqual(['"stop" "error"', '"stop"']);
    expect(noted('x\n\n').seen).toEqual([]);
    expect(noted('').passed).toBe('');
  });
});

test('whole events end at the last blank line, of whichever kind', () => {
  const cases: [string, number][] = [
    ['a\n\nb', 3],
    ['a\r\n\r\nb\r\n', 5],
    ['a\r\rb\r', 3],
    ['a\n\r\nb', 4],
    ['a\r\n\r\nb\n\nc', 8],
    ['a\n\nb\r\rc', 6],
    ['a\n\r\n\n', 5],
    ['a\n', 0],
    ['', 0],
  ];
  for (const [text, length] of cases) expect([text, wholeEventsLength(text)]).toEqual([text, length]);
});
