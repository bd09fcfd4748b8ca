// Checks every answer in a test against the OpenAPI document: its status, headers, type and body,
// and a problem's code.
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

export class ContractViolation extends Error {}

/** The test run writes the document once. A single process generates it. */
async function loadDocument(): Promise<OpenApi> {
  const file = process.env['LIFEBOAT_OPENAPI'];
  if (file !== undefined) return JSON.parse(readFileSync(file, 'utf8')) as OpenApi;
  return JSON.parse(
    JSON.stringify((await import('../../shared/api/routes/openApiDocument.ts')).openApiDocument()),
  ) as OpenApi;
}

interface Contract {
  readonly document: OpenApi;
  readonly routes: readonly { readonly path: string; readonly pattern: RegExp }[];
  /** Compiles the schema at this place of the document, once. */
  readonly validatorAt: (...path: readonly string[]) => ValidateFunction;
}

let loadedContract: Promise<Contract> | undefined;
export const loadContract = (): Promise<Contract> =>
  (loadedContract ??= loadDocument().then((document) => {
    // A path with fewer parameters is the closer one.
    const parametersIn = (path: string): number => path.split('{').length;
    const routes = Object.keys(document.paths)
      .sort((a, b) => parametersIn(a) - parametersIn(b))
      .map((path) => ({
        path,
        pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
      }));
    return { document, routes, validatorAt: createSchemaValidator(document) };
  }));

/**
 * Throws on a keyword or a format that ajv does not know. Each process compiles only the schemas
 * that it needs. Compiling must be quick, so ajv inlines nothing and optimizes no code.
 */
function createSchemaValidator(document: OpenApi): Contract['validatorAt'] {
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    inlineRefs: false,
    code: { optimize: false },
  });
  formats.default(ajv);
  ajv.addVocabulary(Object.keys(document));
  // A test of the document checks the schemas themselves.
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

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The answer where no route exists. OPTIONS tells the methods of a known address. */
function assertUnknownAddressAnswer(
  method: string,
  { status, headers, body }: HttpAnswer,
  violation: (reason: string) => ContractViolation,
): void {
  if (method === 'OPTIONS' && status === 204 && headers.has('allow')) return;
  const { code } = { ...(body as object | undefined) } as { code?: unknown };
  if (code !== (status === 405 ? 'MethodNotAllowed' : 'AddressUnknown'))
    throw violation('its description in shared/api/routes/ knows no such route.');
}

export async function assertMatchesContract(
  method: string,
  address: string,
  answer: HttpAnswer,
): Promise<void> {
  const { status, headers, body } = answer;
  const { document, routes, validatorAt } = await loadContract();
  const path = address.split('?')[0] ?? '';
  const route = routes.find(({ pattern }) => pattern.test(path))?.path;
  const operation = route === undefined ? undefined : document.paths[route]?.[method.toLowerCase()];
  const violation = (reason: string): ContractViolation =>
    new ContractViolation(
      `${method} ${route ?? path} answered ${status}, and ${reason} ` +
        (body === undefined ? '' : JSON.stringify(body).slice(0, 500)),
    );
  if (!operation) {
    assertUnknownAddressAnswer(method, answer, violation);
    return;
  }
  const response = operation.responses[status];
  if (!response) throw violation('its description in shared/api/routes/ knows no such answer.');
  for (const name of Object.keys(response.headers ?? {})) {
    // One status may belong to a success and to a refusal, each with its own headers.
    if (!headers.has(name) && status < 300)
      throw violation(`has no header ${name}, which its description promises.`);
  }
  const type = (headers.get('content-type') ?? '').split(';')[0] ?? '';
  if (!response.content) {
    if (body !== undefined && body !== '')
      throw violation('has a body, of which its description says nothing.');
    return;
  }
  if (!response.content[type])
    throw violation(`is of type "${type}", not ${Object.keys(response.content).join(' or ')}.`);
  const responses = ['paths', route ?? '', method.toLowerCase(), 'responses'];
  const validate = validatorAt(...responses, String(status), 'content', type, 'schema');
  if (validate(body)) {
    const seconds = findLongFraction(body);
    if (seconds !== undefined) throw violation(`has ${seconds}: round seconds to tenths.`);
    return;
  }
  const differences = (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `$${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  throw violation(`differs from its description: ${differences.slice(0, 5).join('; ')}.`);
}

/** The first field of seconds with more than one decimal, such as 482.02500000000003. */
function findLongFraction(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, field] of Object.entries(value)) {
    const isLong = typeof field === 'number' && /seconds$/i.test(name) && !/^\d+(\.\d)?$/.test(String(field));
    const found = isLong ? `${name} ${field}` : findLongFraction(field);
    if (found !== undefined) return found;
  }
  return undefined;
}
