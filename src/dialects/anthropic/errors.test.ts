import { describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import { GatewayError } from '../../core/errors.ts';
import { PLAIN_PATH } from '../dialect.ts';
import { anthropic } from './index.ts';
import { clientOf, encodeChunks, messageOf } from './testing/client.ts';

const REQUEST = { model: 'm', max_tokens: 1, messages: [{ role: 'user' as const, content: 'x' }] };

/** What the official client raises. */
async function raised(error: GatewayError): Promise<InstanceType<typeof Anthropic.APIError>> {
  const client = clientOf(anthropic.error(error), error.status);
  const outcome: unknown = await client.messages.create(REQUEST).catch((reason: unknown) => reason);
  if (outcome instanceof Anthropic.APIError) return outcome;
  throw new Error('no error of the API', { cause: outcome });
}

describe('an error', () => {
  test.each([
    ['invalid_request', 400, Anthropic.BadRequestError, 'invalid_request_error'],
    ['upstream_error', 401, Anthropic.AuthenticationError, 'authentication_error'],
    ['upstream_error', 402, Anthropic.PaymentRequiredError, 'billing_error'],
    ['upstream_error', 403, Anthropic.PermissionDeniedError, 'permission_error'],
    ['not_found', 404, Anthropic.NotFoundError, 'not_found_error'],
    ['upstream_error', 408, Anthropic.RequestTimeoutError, 'timeout_error'],
    ['body_too_large', 413, Anthropic.ContentTooLargeError, 'request_too_large'],
    ['invalid_body', 422, Anthropic.UnprocessableEntityError, 'invalid_request_error'],
    ['rate_limited', 429, Anthropic.RateLimitError, 'rate_limit_error'],
    ['internal', 500, Anthropic.InternalServerError, 'api_error'],
    ['not_implemented', 501, Anthropic.NotImplementedError, 'api_error'],
    ['upstream_unreachable', 502, Anthropic.APIError, 'api_error'],
    ['draining', 503, Anthropic.ServiceUnavailableError, 'overloaded_error'],
    ['upstream_timeout', 504, Anthropic.GatewayTimeoutError, 'timeout_error'],
    ['upstream_error', 529, Anthropic.OverloadedError, 'overloaded_error'],
  ] as const)('%s with %d is raised as its own class', async (code, status, kind, type) => {
    const outcome = await raised(new GatewayError(code, 'x', { status }));
    expect(outcome instanceof kind).toBe(true);
    expect<unknown>([outcome.status, outcome.type]).toEqual([status, type]);
    expect(outcome.error).toMatchObject({ type: 'error', error: { message: 'x' } });
  });

  test('of an upstream of the same format is quoted whole', () => {
    const body = { type: 'error', error: { type: 'new_error', message: 'y', details: null }, request_id: 'req_1' };
    const error = new GatewayError('upstream_error', 'y', { upstreamBody: body, upstreamType: 'new_error' });
    expect(JSON.parse(anthropic.error(error))).toEqual(body);
  });

  test('of another upstream keeps its own name among the details', () => {
    const upstreamBody = { error: { message: 'y' } };
    const error = new GatewayError('upstream_error', 'y', { status: 429, upstreamBody, upstreamType: 'Throttling' });
    expect(JSON.parse(anthropic.error(error)).error).toEqual({
      type: 'rate_limit_error',
      message: 'y',
      details: { error_code: 'Throttling' },
    });
    const known = new GatewayError('upstream_error', 'y', { upstreamType: 'overloaded_error' });
    expect(JSON.parse(anthropic.error(known)).error).toEqual({ type: 'overloaded_error', message: 'y' });
  });

  test('in a stream is raised by the official client', async () => {
    const whole = encodeChunks([{ choices: [{ index: 0, text: 'Hi' }] }]);
    const begun = whole.slice(0, whole.indexOf('event: content_block_stop'));
    const failure = anthropic.streamError(new GatewayError('upstream_error', 'zu spät', { status: 529 }), PLAIN_PATH);
    const outcome: unknown = await messageOf(begun + failure).catch((reason: unknown) => reason);
    expect(outcome).toBeInstanceOf(Anthropic.APIError);
    expect(outcome).toMatchObject({ type: 'overloaded_error', apiMessage: 'zu spät' });
  });
});
