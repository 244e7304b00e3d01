import { expect, test } from 'bun:test';
import { Changes } from './changes.ts';

test('each change is named once, in the order in which they came', () => {
  const changes = new Changes();
  expect([changes.isEmpty, changes.toString()]).toEqual([true, '']);
  changes.dropped('messages.0.content.1.detail');
  changes.clamped('temperature');
  changes.approximated('response_format');
  changes.dropped('messages.0.content.1.detail');
  expect(changes.isEmpty).toBe(false);
  expect(changes.toString()).toBe(
    'messages.0.content.1.detail;dropped, temperature;clamped, response_format;approximated',
  );
});

test('what a client named oddly can neither break a header nor pass for another change', () => {
  const changes = new Changes();
  for (const field of ['a\r\nx-evil: 1', 'b;dropped, c', 'é', '\ud800', '50%']) changes.dropped(field);
  expect(changes.toString()).toMatch(/^[\x21-\x7e]+(?:, [\x21-\x7e]+){4}$/);
  const names = changes
    .toString()
    .split(', ')
    .map((entry) => decodeURIComponent(entry.slice(0, entry.indexOf(';'))));
  expect(names).toEqual(['a\r\nx-evil: 1', 'b;dropped, c', 'é', '\ufffd', '50%']);
});
