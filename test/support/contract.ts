// Holds every answer that a test gets to the OpenAPI document: its status, its headers, its type,
// its body, and of a problem its code.
import { readFileSync } from 'node:fs';
import { compiler, type Check, type Schema } from './json-schema.ts';

interface Response {
  readonly headers?: Readonly<Record<string, Schema>>;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export class ContractBroken extends Error {}

/** Made once before the tests; whoever runs by himself makes it. */
async function load(): Promise<OpenApi> {
  const file = process.env['LIFEBOAT_OPENAPI'];
  if (file !== undefined) return JSON.parse(readFileSync(file, 'utf8')) as OpenApi;
  return JSON.parse(
    JSON.stringify((await import('../../shared/api/api/document.ts')).openApiDocument()),
  ) as OpenApi;
}

interface Contract {
  readonly document: OpenApi;
  readonly routes: readonly { readonly path: string; readonly pattern: RegExp }[];
  readonly check: (schema: Schema) => Check;
}

let loaded: Promise<Contract> | undefined;
export const contract = (): Promise<Contract> =>
  (loaded ??= load().then((document) => {
    const compile = compiler(
      (reference) => document.components.schemas[reference.replace('#/components/schemas/', '')] ?? {},
    );
    const compiled = new Map<Schema, Check>();
    // A path with fewer parameters is the closer one.
    const parametersIn = (path: string): number => path.split('{').length;
    const routes = Object.keys(document.paths)
      .sort((a, b) => parametersIn(a) - parametersIn(b))
      .map((path) => ({
        path,
        pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
      }));
    return {
      document,
      routes,
      check: (schema) => {
        const check = compiled.get(schema) ?? compile(schema);
        compiled.set(schema, check);
        return check;
      },
    };
  }));

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export async function mustKeepContract(
  method: string,
  address: string,
  { status, headers, body }: Answered,
): Promise<void> {
  const { document, routes, check } = await contract();
  const path = address.split('?')[0] ?? '';
  const route = routes.find(({ pattern }) => pattern.test(path))?.path;
  const operation = route === undefined ? undefined : document.paths[route]?.[method.toLowerCase()];
  const broken = (why: string): ContractBroken =>
    new ContractBroken(
      `${method} ${route ?? path} answered ${status}, and ${why} ` +
        (body === undefined ? '' : JSON.stringify(body).slice(0, 500)),
    );
  // Nobody has a door there: the host says so.
  if (!operation && [404, 405].includes(status)) return;
  const response = operation?.responses[status];
  if (!response) throw broken('its description in shared/http/api/ knows no such answer.');
  for (const name of Object.keys(response.headers ?? {})) {
    // One status may stand for an answer and for a refusal, each with its own headers.
    if (!headers.has(name) && status < 300)
      throw broken(`has no header ${name}, which its description promises.`);
  }
  const type = (headers.get('content-type') ?? '').split(';')[0] ?? '';
  if (!response.content) {
    if (body !== undefined && body !== '') throw broken('has a body, of which its description says nothing.');
    return;
  }
  const schema = response.content[type]?.schema;
  if (!schema) throw broken(`is of type "${type}", not ${Object.keys(response.content).join(' or ')}.`);
  const wrong = check(schema)(body, '$');
  if (wrong.length > 0) throw broken(`differs from its description: ${wrong.slice(0, 5).join('; ')}.`);
}
