import { GatewayError } from '../../core/errors.ts';
import { locateJsonError } from '../../core/json-error.ts';

/** Reads a body as MLflow's server does: another content type is a text, in which the object is missed afterwards. */
export function parseBody(text: string, isJson: boolean): unknown {
  if (!isJson) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw text === '' ? noBody() : malformed(text);
  }
}

function noBody(): GatewayError {
  const missing = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };
  return new GatewayError('invalid_body', 'The request has no body.', { detail: [missing] });
}

function malformed(text: string): GatewayError {
  const { position, message } = locateJsonError(text);
  const detail = {
    type: 'json_invalid',
    loc: ['body', position],
    msg: 'JSON decode error',
    input: {},
    ctx: { error: message },
  };
  const summary = `The request body is not valid JSON: ${message} at character ${position}.`;
  return new GatewayError('invalid_body', summary, { detail: [detail] });
}
