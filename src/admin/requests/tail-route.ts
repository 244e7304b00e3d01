import { z } from 'zod';
import { text } from '../parameters/parameters.ts';
import { filterParameters, readFilter } from '../parameters/query.ts';
import { type AdminRoute, ledgerOf, streamRoute } from '../route.ts';
import { tail } from './tail.ts';

const MOST_PLACE_CHARACTERS = 200;

export const tailRoute: AdminRoute = streamRoute({
  method: 'GET',
  permission: 'requests:read',
  tag: 'Requests',
  path: '/requests/tail',
  operationId: 'requestTail',
  summary: 'Requests as they end, as server-sent events.',
  description:
    'Events: `ready`; `request` with a row of the list; `sampled` with `shown` and `total` where a second had more than 200; `heartbeat` every 15 seconds. `Last-Event-ID` goes on where a connection was lost.',
  parameters: z.object({
    ...filterParameters,
    last_event_id: text('The same as the header, for clients that cannot set it.', MOST_PLACE_CHARACTERS).optional(),
  }),
  mediaTypes: ['text/event-stream'],
  handle: async ({ parameters, request, sources }) => {
    const filter = readFilter(parameters);
    const ledger = ledgerOf(sources);
    const lastEventId = request.header('last-event-id') ?? parameters.last_event_id ?? null;
    const events = tail({
      ledger,
      filter,
      lastEventId: lastEventId === '' ? null : (lastEventId?.slice(0, MOST_PLACE_CHARACTERS) ?? null),
      signal: request.signal,
    });
    // Begun here, so that what cannot be answered is an error and no stream.
    const first = await events.next();
    const body = (async function* () {
      if (first.done) return;
      yield first.value;
      yield* events;
    })();
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
      body,
    };
  },
});
