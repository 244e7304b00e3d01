import { expect, test } from 'bun:test';
import { HeadParser } from '../../core/http1/head-parser.ts';
import { RequestHead } from './request-head.ts';

function headWith(fields: string): RequestHead {
  const head = new HeadParser(() => new RequestHead()).push(
    Buffer.from(`GET / HTTP/1.1\r\nhost: a\r\n${fields}\r\n`, 'latin1'),
  );
  if (head === null) throw new Error('the head is not whole');
  return head;
}

const FIELDS = [
  '',
  'user-agent: tester/1\r\n',
  'User-Agent:tester/1\r\n',
  'user-agent:  \t tester/1 \t\r\n',
  'user-agent:\r\n',
  'user-agent: tester/12\r\n',
  'user-agent: t\xe9ster/1\r\n',
  'user-agent: tester\r\nuser-agent: 1\r\n',
  'accept: tester/1\r\n',
];
const VALUES = [null, '', 'tester/1', 'Tester/1', 'tester/12', 't\xe9ster/1', 'tester, 1', 'tester'];

test.each(FIELDS)('a head with %j says what its header is, and nothing else', (fields) => {
  const head = headWith(fields);
  for (const name of ['user-agent', 'accept', 'x-sluice-tags']) {
    for (const value of VALUES) expect(head.says(name, value)).toBe(head.header(name) === value);
  }
});
