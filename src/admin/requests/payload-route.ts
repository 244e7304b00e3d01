import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { isoTime } from '../parameters/time.ts';
import { type AdminRoute, jsonRoute, ledgerOf } from '../route.ts';
import { time } from '../shapes/figures.ts';
import { readId, unknownRequest } from './list-routes.ts';

const payload = z
  .strictObject({
    request_id: z.string(),
    time,
    request: z.string().meta({ description: 'The text of the request, redacted.' }),
    response: z
      .string()
      .nullable()
      .meta({ description: 'That of the answer, a stream as one; null where none was complete.' }),
    redactions: z.record(z.string(), z.int()).meta({ description: 'How many spans were redacted, by kind.' }),
    truncated: z.boolean().meta({ description: 'Something was cut off to keep within the limit.' }),
  })
  .meta({ id: 'Payload' });

export const payloadRoute: AdminRoute = jsonRoute({
  method: 'GET',
  permission: 'payloads:read',
  tag: 'Requests',
  path: '/requests/{id}/payload',
  operationId: 'requestPayload',
  summary: 'The texts of a request and its answer, where they are kept. Each look is noted in the audit trail.',
  parameters: z.object({}),
  schema: payload,
  handle: async ({ path, sources, principal, requestId }) => {
    const id = readId(path.id ?? '');
    const ledger = ledgerOf(sources);
    const found = await ledger.payload(id);
    if (found === null) {
      if ((await ledger.request(id)) === null) throw unknownRequest(id);
      throw new ApiError('payload_not_kept', `The texts of request '${id}' are not kept.`, {
        hint: 'texts are kept for endpoints with `logging: full`, for as long as the retention of payloads says',
      });
    }
    sources.audit?.record({
      actor: principal.name,
      address: principal.address,
      action: 'payload.view',
      object: id,
      outcome: 'ok',
      details: { request_id: requestId },
    });
    return {
      request_id: found.requestId,
      time: isoTime(found.time),
      request: found.request,
      response: found.response,
      redactions: found.redactions,
      truncated: found.truncated,
    };
  },
});
