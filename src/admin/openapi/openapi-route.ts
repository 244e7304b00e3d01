import { z } from 'zod';
import { VERSION } from '../../core/version.ts';
import { type AdminRoute, jsonRoute } from '../route.ts';

/** The description of the API, of all its routes and of itself. */
export function openapiRoute(base: string, routes: () => readonly AdminRoute[]): AdminRoute {
  let text: Promise<unknown> | null = null;
  return jsonRoute({
    method: 'GET',
    permission: 'api:read',
    tag: 'API',
    path: '/openapi.json',
    operationId: 'openapi',
    summary: 'This description.',
    parameters: z.object({}),
    schema: z.looseObject({ openapi: z.string() }),
    isTagged: true,
    handle: async () => {
      text ??= import('./document.ts').then(({ apiDocument }) => apiDocument(routes(), base, VERSION));
      return (await text) as { openapi: string };
    },
  });
}
