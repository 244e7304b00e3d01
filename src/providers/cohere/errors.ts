import { GatewayError } from '../../core/errors.ts';

export function invalidAnswer(why: string): GatewayError {
  return new GatewayError('upstream_invalid', `Cohere's answer cannot be read: ${why}.`);
}

export function invalidParameter(message: string, parameter: string): GatewayError {
  return new GatewayError('invalid_body', message, { parameter });
}
