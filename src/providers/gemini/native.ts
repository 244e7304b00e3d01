import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { NativeTarget } from '../provider.ts';

/** https://ai.google.dev/gemini-api/docs/api-key and, for who signs in with Google, https://ai.google.dev/gemini-api/docs/oauth */
export const CREDENTIAL_HEADERS = ['x-goog-api-key', 'authorization'];

/** What the official clients say of themselves, and how long they wait. */
export const CLIENT_HEADERS = ['x-goog-api-client', 'x-server-timeout'];

/** The URL names the model, and where a body names one inside of it that must be the same: `models/…`. */
export function nativeEdits(resource: string): NonNullable<NativeTarget['adjust']> {
  return (body) => {
    const edits = new Map<string, unknown>();
    if (body.model !== undefined) edits.set('model', undefined);
    if (Array.isArray(body.requests)) {
      edits.set(
        'requests',
        body.requests.map((request: unknown) => (isJsonObject(request) ? { ...request, model: resource } : request)),
      );
    }
    for (const field of WHOLE_REQUEST) {
      const request = body[field];
      if (isJsonObject(request)) edits.set(field, { ...request, model: resource });
    }
    return edits.size > 0 ? edits : null;
  };
}

/** In the question how many tokens a request has, in both notations. */
const WHOLE_REQUEST = ['generateContentRequest', 'generate_content_request'] as const;

/** The request that a body is, or holds, in the notation that the client chose. */
function wholeRequest(body: JsonObject): readonly [field: string | null, request: JsonObject] {
  for (const field of WHOLE_REQUEST) {
    const request = body[field];
    if (isJsonObject(request)) return [field, request];
  }
  return [null, body];
}

/** Vertex AI counts the parts of a request, and knows no whole one. */
export const VERTEX_COUNTED: ReadonlySet<string> = new Set([
  'contents',
  'systemInstruction',
  'system_instruction',
  'tools',
  'generationConfig',
  'generation_config',
]);

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/count-tokens */
export const vertexEdits: NonNullable<NativeTarget['adjust']> = (body, { action, changes }) => {
  const edits = new Map<string, unknown>();
  if (body.model !== undefined) edits.set('model', undefined);
  const [field, request] = action === 'count-tokens' ? wholeRequest(body) : [null, body];
  if (field !== null) {
    edits.set(field, undefined);
    for (const member in request) {
      if (VERTEX_COUNTED.has(member)) edits.set(member, request[member]);
      else if (member !== 'model') changes.dropped(`${field}.${member}`);
    }
  }
  return edits.size > 0 ? edits : null;
};
