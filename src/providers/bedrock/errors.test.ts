import { expect, test } from 'bun:test';
import { readError } from './errors.ts';

const none = () => null;

test('the type of an error stands in a header, before a colon', () => {
  const header = (name: string) =>
    name === 'x-amzn-errortype' ? 'ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/' : null;
  expect(readError({ message: 'slow down' }, header)).toEqual({ message: 'slow down', type: 'ThrottlingException' });
});

test('the type of an error stands in the body of other AWS services', () => {
  const body = { __type: 'com.amazon.coral.service#UnrecognizedClientException', Message: 'no' };
  expect(readError(body, none)).toEqual({ message: 'no', type: 'UnrecognizedClientException' });
});

test('another shape is no error of Bedrock', () => {
  expect(readError({ error: { message: 'x' } }, none)).toBeNull();
  expect(readError('text', none)).toBeNull();
});
