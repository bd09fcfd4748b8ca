// Holds every answer that a test gets to the OpenAPI document: its status, its headers, its type,
// its body, and of a problem its code.
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

export type Schema = Readonly<Record<string, unknown>>;

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
  /** Compiles the schema at this place of the document, once. */
  readonly schemaAt: (...place: readonly string[]) => ValidateFunction;
}

let loaded: Promise<Contract> | undefined;
export const contract = (): Promise<Contract> =>
  (loaded ??= load().then((document) => {
    // A path with fewer parameters is the closer one.
    const parametersIn = (path: string): number => path.split('{').length;
    const routes = Object.keys(document.paths)
      .sort((a, b) => parametersIn(a) - parametersIn(b))
      .map((path) => ({
        path,
        pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
      }));
    return { document, routes, schemaAt: judgeOf(document) };
  }));

/**
 * A keyword or a format that ajv does not know is an error. Each process compiles only the schemas
 * that it needs, so compiling must be quick: nothing is inlined and no code is optimized.
 */
function judgeOf(document: OpenApi): Contract['schemaAt'] {
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    inlineRefs: false,
    code: { optimize: false },
  });
  formats.default(ajv);
  ajv.addVocabulary(Object.keys(document));
  // A test of the document judges the schemas themselves.
  ajv.addSchema(document, 'openapi', undefined, false);
  const pointer = (name: string): string =>
    encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
  return (...place) => {
    const address = ['openapi#', ...place.map(pointer)].join('/');
    const validate = ajv.getSchema(address);
    if (!validate) throw new Error(`The document has no schema at ${address}.`);
    return validate;
  };
}

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
  const { document, routes, schemaAt } = await contract();
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
  if (!response) throw broken('its description in shared/api/api/ knows no such answer.');
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
  if (!response.content[type])
    throw broken(`is of type "${type}", not ${Object.keys(response.content).join(' or ')}.`);
  const responses = ['paths', route ?? '', method.toLowerCase(), 'responses'];
  const validate = schemaAt(...responses, String(status), 'content', type, 'schema');
  if (validate(body)) return;
  const wrong = (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `$${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  throw broken(`differs from its description: ${wrong.slice(0, 5).join('; ')}.`);
}
