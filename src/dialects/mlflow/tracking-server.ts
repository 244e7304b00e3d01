import { GatewayError } from '../../core/errors.ts';
import { locateJsonError } from '../../core/json-error.ts';
import { isJsonObject, type JsonObject, type Operation } from '../../core/types.ts';
import type { CheckedRequest, Dialect, RequestPath } from '../dialect.ts';
import { mlflow } from './index.ts';

/**
 * The routes of MLflow's tracking server have the shapes of its gateway, but other statuses: what is wrong with a body
 * is a 400 with a text. https://mlflow.org/docs/latest/genai/governance/ai-gateway/
 */
const common: Dialect = {
  ...mlflow,
  parse: (text) => {
    try {
      return JSON.parse(text);
    } catch {
      throw malformed(text);
    }
  },
};

/** Where the path names the endpoint: what the payload is, it must say itself. */
export const trackingInvocations: Dialect = {
  ...common,
  check(operation, body, takesModelParameter, path) {
    if (!isJsonObject(body) || body[PAYLOADS[operation]] === undefined) throw otherPayload(operation);
    return checked(operation, body, takesModelParameter, path);
  },
};

/** Where `model` names the endpoint. */
export const trackingUnified: Dialect = {
  ...common,
  check: (operation, body, _takesModelParameter, path) => checked(operation, body, true, path),
  decode(operation, request) {
    const { model: _endpoint, ...body } = request.body;
    return mlflow.decode(operation, { ...request, body });
  },
};

const PAYLOADS: Readonly<Record<Operation, string>> = { chat: 'messages', completions: 'prompt', embeddings: 'input' };

function otherPayload(operation: Operation): GatewayError {
  const needed = `This endpoint takes ${operation} payloads, which have '${PAYLOADS[operation]}'.`;
  return invalid(`Invalid request: payload format must be either chat or embeddings. ${needed}`);
}

function checked(operation: Operation, body: unknown, takesModelParameter: boolean, path: RequestPath): CheckedRequest {
  try {
    return mlflow.check(operation, body, takesModelParameter, path);
  } catch (error) {
    if (error instanceof GatewayError && Array.isArray(error.detail)) {
      throw invalid(`Invalid ${operation} payload: ${validationText(error.detail)}`);
    }
    throw error;
  }
}

/** As Pydantic prints a list of errors. */
function validationText(errors: readonly JsonObject[]): string {
  const count = `${errors.length} validation error${errors.length === 1 ? '' : 's'} for RequestPayload`;
  const lines = errors.map(({ loc, msg, type }) => {
    const field = Array.isArray(loc) ? loc.slice(1).join('.') : '';
    return `${field}\n  ${msg} [type=${type}]`;
  });
  return [count, ...lines].join('\n');
}

/** As Python's JSON module says it. */
function malformed(text: string): GatewayError {
  const { position, message } = locateJsonError(text);
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  const column = position - before.lastIndexOf('\n');
  return invalid(`Invalid JSON payload: ${message}: line ${line} column ${column} (char ${position})`);
}

function invalid(message: string): GatewayError {
  return new GatewayError('invalid_request', message);
}
