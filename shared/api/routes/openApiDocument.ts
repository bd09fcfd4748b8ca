// Builds the OpenAPI 3.1 document from the descriptions of all routes.
import packageJson from '../../../package.json' with { type: 'json' };
import {
  OPEN_ROUTES,
  ROUTE_ROLES,
  SIGNED_ROUTES,
  type RouteWithoutToken,
  type Route,
} from '../../access/roles.ts';
import { Problem } from '../responses/common.ts';
import type { ResponseDescription, RouteDescription, RouteExample } from './routeDescription.ts';
import { problemsOf } from './routeProblems.ts';
import { ALL_ROUTES } from './allRoutes.ts';
import { componentSchemas, parametersOf, schemaOf, type JsonSchema } from './jsonSchemas.ts';

const isSigned = (route: string): boolean => (SIGNED_ROUTES as readonly string[]).includes(route);
const isOpen = (route: string): route is RouteWithoutToken =>
  isSigned(route) || (OPEN_ROUTES as readonly string[]).includes(route);

const RESPONSE_HEADERS: Readonly<Record<NonNullable<ResponseDescription['headers']>[number], JsonSchema>> = {
  location: { description: 'The address of the new or changed object.', schema: { type: 'string' } },
  etag: {
    description:
      'The version: send this value as If-Match with a change, or as If-None-Match where the route supports it.',
    schema: { type: 'string' },
  },
  'retry-after': {
    description: 'The number of seconds before the next request.',
    schema: { type: 'integer' },
  },
};

const headerParameter = (
  name: string,
  required: boolean,
  description: string,
  schema: JsonSchema,
): JsonSchema => ({
  name,
  in: 'header',
  required,
  description,
  schema,
});

/** The nouns of path parameters, by the name of the parameter or by the path segment before it. */
const PARAMETER_NOUNS: Readonly<Record<string, string>> = {
  stream: 'id of a job, a question stream, an alarm, or the runbook of a plan',
  undeliveredId: 'id of the undelivered range',
  code: 'problem code',
  jobs: 'job',
  replications: 'replicated VM',
  vaults: 'vault',
  plans: 'plan',
  schedules: 'schedule',
  callbacks: 'call-back address',
  alarms: 'alarm',
  'alert-rules': 'alert rule',
  'alert-decisions': 'decision',
  'check-confirmations': 'confirmation',
};

function parameterObjects(
  path: string,
  { query, idempotent, ifMatch, ifNoneMatch }: RouteDescription,
): readonly JsonSchema[] {
  return [
    ...[...path.matchAll(/([\w-]+|\})\/\{(\w+)\}/g)].map(([, collection = '', name = '']) => ({
      name,
      in: 'path',
      required: true,
      description: `The ${PARAMETER_NOUNS[name] ?? `id of the ${PARAMETER_NOUNS[collection] ?? collection}`}.`,
      schema: { type: 'string' },
    })),
    ...(query
      ? parametersOf(query).map((parameter) => ({
          ...parameter,
          in: 'query',
          ...(parameter.schema['type'] === 'array' ? { style: 'form', explode: false } : {}),
        }))
      : []),
    ...(idempotent
      ? [
          headerParameter(
            'Idempotency-Key',
            true,
            'For example the number of a ticket. The same command with the same key is the same job, ' +
              'even after repeated requests.',
            { type: 'string', minLength: 1, maxLength: 200 },
          ),
        ]
      : []),
    ...(ifMatch
      ? [
          headerParameter(
            'If-Match',
            false,
            'The ETag from the read: required for a change, left out for a new object.',
            { type: 'string' },
          ),
        ]
      : []),
    ...(ifNoneMatch
      ? [
          headerParameter(
            'If-None-Match',
            false,
            'The ETag of your copy: the answer is 304 while your copy is current.',
            { type: 'string' },
          ),
        ]
      : []),
  ];
}

function contentObject({
  schema,
  type = 'application/json',
  alternativeTextType,
}: ResponseDescription): JsonSchema | undefined {
  const asText = { schema: { type: 'string' } };
  if (schema)
    return {
      [type]: { schema: schemaOf(schema, 'output') },
      ...(alternativeTextType === undefined ? {} : { [alternativeTextType]: asText }),
    };
  return type === 'application/json' ? undefined : { [type]: asText };
}

function responseObject(response: ResponseDescription): JsonSchema {
  const { description, headers = [] } = response;
  const content = contentObject(response);
  return {
    description,
    ...(headers.length > 0
      ? { headers: Object.fromEntries(headers.map((name) => [name, RESPONSE_HEADERS[name]])) }
      : {}),
    ...(content ? { content } : {}),
  };
}

function problemResponseObject(status: number, codes: readonly string[]): JsonSchema {
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

function responseObjects(route: string, routeDescription: RouteDescription): JsonSchema {
  const ownResponses = Object.entries(routeDescription.responses).map(
    ([status, answer]) => [status, responseObject(answer)] as const,
  );
  const problems = [...problemsOf(routeDescription, isOpen(route))].map(
    ([status, codes]) => [String(status), problemResponseObject(status, codes)] as const,
  );
  const byStatus = new Map<string, JsonSchema>();
  for (const [status, response] of [...ownResponses, ...problems]) {
    const other = byStatus.get(status);
    byStatus.set(
      status,
      other
        ? {
            ...other,
            ...response,
            description: `${String(other['description'])} Or: ${String(response['description'])}`,
            content: { ...(other['content'] as object), ...(response['content'] as object) },
          }
        : response,
    );
  }
  return Object.fromEntries([...byStatus].sort(([first], [second]) => Number(first) - Number(second)));
}

const exampleObject = ({ body, name }: RouteExample) => ({ summary: name, value: body });
const bodyExamples = (examples: readonly RouteExample[]) =>
  Object.fromEntries(
    examples
      .filter(({ body }) => body !== undefined)
      .map((example, i) => [`example${i + 1}`, exampleObject(example)]),
  );

function operationObject(
  route: Route | RouteWithoutToken,
  path: string,
  routeDescription: RouteDescription,
): JsonSchema {
  const { id, area, summary, body, examples = [] } = routeDescription;
  const roles = isOpen(route) ? [] : ROUTE_ROLES[route];
  return {
    operationId: id,
    tags: [area],
    summary,
    description: isSigned(route)
      ? 'For senders with a signing key.'
      : isOpen(route)
        ? 'For everybody.'
        : `For ${roles.join(', ')}.`,
    ...(isOpen(route) ? { security: [] } : { 'x-roles': roles }),
    parameters: parameterObjects(path, routeDescription),
    ...(body
      ? {
          requestBody: {
            required: !(body.isOptional ?? false),
            content: {
              'application/json': {
                schema: schemaOf(body.schema, 'input'),
                ...(examples.length > 0 ? { examples: bodyExamples(examples) } : {}),
              },
            },
          },
        }
      : {}),
    responses: responseObjects(route, routeDescription),
    /**
     * You can send each example unchanged to a simulator with the sample environment. The status is
     * the status of that answer.
     */
    'x-examples': examples,
  };
}

/** The OpenAPI document of all routes. */
export function openApiDocument(): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const [route, routeDescription] of Object.entries(ALL_ROUTES) as [
    Route | RouteWithoutToken,
    RouteDescription,
  ][]) {
    const [method = '', path = ''] = route.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(route, path, routeDescription) };
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
        'and a detail with the event, its effect and the next action. The type of a ' +
        'problem is the address of a page that explains its code. HEAD is possible where GET is. ' +
        'Any other address answers 404 AddressUnknown, and any other method 405 MethodNotAllowed.',
    },
    servers: [{ url: '/' }],
    security: [{ entra: [] }],
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        entra: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A token of Entra ID for this service, with one of the roles of the route.',
        },
      },
    },
  };
}
