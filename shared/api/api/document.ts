// The OpenAPI 3.1 document of all routes.
import packageJson from '../../../package.json' with { type: 'json' };
import { OPEN_ROUTES, ROUTES, SIGNED_ROUTES, type OpenRoute, type Route } from '../../access/roles.ts';
import { Problem } from '../answers/common.ts';
import type { Answered, Described, Example } from './described.ts';
import { problemsOf } from './problems.ts';
import { API } from './routes.ts';
import { components, parametersOf, schemaOf, type JsonSchema } from './schemas.ts';

const isSigned = (route: string): boolean => (SIGNED_ROUTES as readonly string[]).includes(route);
const isOpen = (route: string): route is OpenRoute =>
  isSigned(route) || (OPEN_ROUTES as readonly string[]).includes(route);

const RESPONSE_HEADERS: Readonly<Record<NonNullable<Answered['headers']>[number], JsonSchema>> = {
  location: { description: 'The address of what was made or changed.', schema: { type: 'string' } },
  etag: {
    description: 'The version: send it as If-Match with a change, or as If-None-Match where that is taken.',
    schema: { type: 'string' },
  },
  'retry-after': {
    description: 'Seconds after which to look, or to ask, again.',
    schema: { type: 'integer' },
  },
};

const header = (name: string, required: boolean, description: string, schema: JsonSchema): JsonSchema => ({
  name,
  in: 'header',
  required,
  description,
  schema,
});

function parameters(
  path: string,
  { query, idempotent, ifMatch, ifNoneMatch }: Described,
): readonly JsonSchema[] {
  return [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...(query
      ? parametersOf(query).map((one) => ({
          ...one,
          in: 'query',
          ...(one.schema['type'] === 'array' ? { style: 'form', explode: false } : {}),
        }))
      : []),
    ...(idempotent
      ? [
          header(
            'Idempotency-Key',
            true,
            'Such as the number of a ticket: the same command with the same key is the same job, ' +
              'however often it is sent.',
            { type: 'string', minLength: 1, maxLength: 200 },
          ),
        ]
      : []),
    ...(ifMatch
      ? [
          header(
            'If-Match',
            false,
            'The ETag of what was read: needed for a change, left out to make something new.',
            { type: 'string' },
          ),
        ]
      : []),
    ...(ifNoneMatch
      ? [
          header(
            'If-None-Match',
            false,
            'The ETag of the copy that one has: answered 304 while it is as it is here.',
            { type: 'string' },
          ),
        ]
      : []),
  ];
}

function contentOf({ schema, type = 'application/json', orText }: Answered): JsonSchema | undefined {
  const asText = { schema: { type: 'string' } };
  if (schema)
    return {
      [type]: { schema: schemaOf(schema, 'output') },
      ...(orText === undefined ? {} : { [orText]: asText }),
    };
  return type === 'application/json' ? undefined : { [type]: asText };
}

function answered(answer: Answered): JsonSchema {
  const { what, headers = [] } = answer;
  const content = contentOf(answer);
  return {
    description: what,
    ...(headers.length > 0
      ? { headers: Object.fromEntries(headers.map((name) => [name, RESPONSE_HEADERS[name]])) }
      : {}),
    ...(content ? { content } : {}),
  };
}

function refused(status: number, codes: readonly string[]): JsonSchema {
  const schema = schemaOf(Problem, 'output');
  const headers =
    status === 401
      ? { 'www-authenticate': { description: 'How to sign in.', schema: { type: 'string' } } }
      : status === 429 || status === 503
        ? { 'retry-after': RESPONSE_HEADERS['retry-after'] }
        : undefined;
  return {
    description: `${codes.join(', ')}.`,
    ...(headers ? { headers } : {}),
    content: {
      'application/problem+json': {
        schema: { allOf: [schema, { type: 'object', properties: { code: { enum: codes } } }] },
      },
    },
  };
}

function responses(route: string, described: Described): JsonSchema {
  const own = Object.entries(described.answers).map(([status, one]) => [status, answered(one)] as const);
  const problems = [...problemsOf(described, isOpen(route))].map(
    ([status, codes]) => [String(status), refused(status, codes)] as const,
  );
  const both = new Map<string, JsonSchema>();
  for (const [status, response] of [...own, ...problems]) {
    const before = both.get(status);
    both.set(
      status,
      before
        ? {
            ...before,
            ...response,
            description: `${String(before['description'])} Or: ${String(response['description'])}`,
            content: { ...(before['content'] as object), ...(response['content'] as object) },
          }
        : response,
    );
  }
  return Object.fromEntries([...both].sort(([a], [b]) => Number(a) - Number(b)));
}

const exampleOf = ({ body, name }: Example) => ({ summary: name, value: body });
const withBody = (examples: readonly Example[]) =>
  Object.fromEntries(
    examples.filter(({ body }) => body !== undefined).map((one, i) => [`example${i + 1}`, exampleOf(one)]),
  );

function operation(route: Route | OpenRoute, path: string, described: Described): JsonSchema {
  const { id, area, summary, body, examples = [] } = described;
  const roles = isOpen(route) ? [] : ROUTES[route];
  return {
    operationId: id,
    tags: [area],
    summary,
    description: isSigned(route)
      ? 'For whoever has a key to sign it with.'
      : isOpen(route)
        ? 'For anybody.'
        : `For ${roles.join(', ')}.`,
    ...(isOpen(route) ? { security: [] } : { 'x-roles': roles }),
    parameters: parameters(path, described),
    ...(body
      ? {
          requestBody: {
            required: !(body.mayBeLeftOut ?? false),
            content: {
              'application/json': {
                schema: schemaOf(body.schema, 'input'),
                ...(examples.length > 0 ? { examples: withBody(examples) } : {}),
              },
            },
          },
        }
      : {}),
    responses: responses(route, described),
    /**
     * Each can be sent as it stands to a simulator with the sample environment; the status is that
     * of its answer there.
     */
    'x-examples': examples,
  };
}

export function openApiDocument(): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const [route, described] of Object.entries(API) as [Route | OpenRoute, Described][]) {
    const [method = '', path = ''] = route.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(route, path, described) };
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Lifeboat',
      version: packageJson.version,
      summary: 'Disaster recovery of virtual machines with Azure Site Recovery',
      description:
        'Commands become jobs, each once. Errors are problem documents (RFC 9457) with a code, ' +
        'and a detail that says what happened, what was done about it, what to do next. The type of a ' +
        'problem is the address of a page that explains its code.',
    },
    servers: [{ url: '/' }],
    security: [{ entra: [] }],
    paths,
    components: {
      schemas: components(),
      securitySchemes: {
        entra: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A token of Entra ID for this service, with one of the roles that the route names.',
        },
      },
    },
  };
}
