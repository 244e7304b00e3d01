import { z } from 'zod';
import type { JsonObject } from '../../core/types.ts';
import { API_ERRORS } from '../api-error.ts';
import type { AdminRoute } from '../route.ts';

const TAGS = [
  { name: 'Usage', description: 'Requests, tokens, cost and times, summed up.' },
  { name: 'Requests', description: 'Single requests.' },
  { name: 'Catalog', description: 'Models and their prices.' },
  { name: 'Audit', description: 'Who changed what, in a chain that shows any tampering.' },
  { name: 'API', description: 'The description of this API.' },
];

const errorBody = z
  .strictObject({
    code: z.enum(Object.keys(API_ERRORS) as [keyof typeof API_ERRORS]),
    message: z.string(),
    hint: z.string().nullable().meta({ description: 'What to do about it.' }),
    field: z.string().optional().meta({ description: 'The parameter at fault.' }),
    position: z.int().optional().meta({ description: 'Where in the parameter, in characters.' }),
    length: z.int().optional(),
    request_id: z.string(),
  })
  .meta({ id: 'Error' });

/** The description of these routes: https://spec.openapis.org/oas/v3.1.1.html */
export function apiDocument(routes: readonly AdminRoute[], base: string, version: string): JsonObject {
  const schemas: JsonObject = {};
  const refer = (schema: z.ZodType): JsonObject => {
    const {
      $defs,
      $schema: _,
      ...own
    } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }) as JsonObject;
    for (const [name, definition] of Object.entries(($defs ?? {}) as Record<string, JsonObject>)) {
      schemas[name] = repoint(definition) as JsonObject;
    }
    const pointed = repoint(own) as JsonObject;
    if (typeof own.id !== 'string') return pointed;
    schemas[own.id] = pointed;
    return { $ref: `#/components/schemas/${own.id}` };
  };
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = `${base}${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, refer) };
  }
  const error = refer(errorBody);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sluice management API',
      version,
      description:
        'What the gateway knows of the requests that went through it. Times are ISO 8601 in UTC; money is an exact decimal of US dollars as text; what is not known is null, never 0.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: TAGS.filter(({ name }) => routes.some(({ tag }) => tag === name)),
    paths,
    components: {
      schemas,
      responses: { Error: { description: 'What is wrong.', content: { 'application/json': { schema: error } } } },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            '`admin.token` of the configuration. Without one, programs on the gateway’s own machine need none.',
        },
      },
    },
  };
}

type Refer = (schema: z.ZodType) => JsonObject;

function operation(route: AdminRoute, refer: Refer): JsonObject {
  const { operationId, tag, summary, description, permission } = route;
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    'x-permission': permission,
    parameters: [...pathParameters(route.path), ...queryParameters(route.parameters)],
    responses: {
      '200': { description: 'OK', content: contentOf(route, refer) },
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

function contentOf({ answer }: AdminRoute, refer: Refer): JsonObject {
  if (answer.type === 'json') return { 'application/json': { schema: refer(answer.schema) } };
  const content: JsonObject = {};
  for (const type of answer.mediaTypes) content[type] = { schema: { type: 'string' } };
  if (answer.schema) content['application/json'] = { schema: refer(answer.schema) };
  return content;
}

function pathParameters(path: string): JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(parameters: z.ZodObject): JsonObject[] {
  const schema = z.toJSONSchema(parameters, { io: 'input' }) as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(schema.properties ?? {}).map(([name, { description, ...own }]) => ({
    name,
    in: 'query',
    required: schema.required?.includes(name) ?? false,
    ...(description !== undefined && { description }),
    ...(own.type === 'array' && { style: 'form', explode: false }),
    schema: own,
  }));
}

/** From the places of a schema on its own to those in the document. */
function repoint(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(repoint);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).flatMap(([key, member]): Array<[string, unknown]> => {
    if (key === 'id' && typeof member === 'string') return [];
    if (key === '$ref' && typeof member === 'string')
      return [[key, member.replace('#/$defs/', '#/components/schemas/')]];
    return [[key, repoint(member)]];
  });
  return Object.fromEntries(members);
}
