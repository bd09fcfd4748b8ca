// Each field and each parameter of the OpenAPI document has one plain description.
import * as z from 'zod';
import { openApiDocument } from '../../../shared/api/routes/openApiDocument.ts';

const Described = z.looseObject({ description: z.string().optional(), default: z.unknown().optional() });
const Fields = z.record(z.string(), Described);
const Document = z.looseObject({
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({ parameters: z.array(Described.extend({ name: z.string(), schema: Described })) }),
    ),
  ),
});

interface Field {
  readonly path: string;
  readonly description: string;
  readonly hasDefault: boolean;
}
/** Keywords of JSON Schema that hold values, not schemas. */
const VALUE_KEYWORDS = new Set(['default', 'enum', 'const', 'required', 'examples']);

/** All fields below a schema, at every depth. */
function fieldsOf(schema: unknown, path: string): readonly Field[] {
  if (Array.isArray(schema)) return schema.flatMap((part) => fieldsOf(part, path));
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, part]: readonly [string, unknown]) =>
    keyword === 'properties'
      ? Object.entries(Fields.parse(part)).flatMap(([name, field]) => [
          {
            path: `${path}.${name}`,
            description: field.description ?? '',
            hasDefault: field.default !== undefined,
          },
          ...fieldsOf(field, `${path}.${name}`),
        ])
      : VALUE_KEYWORDS.has(keyword)
        ? []
        : fieldsOf(part, path),
  );
}

const document = Document.parse(openApiDocument());
const fields = Object.entries(document.components.schemas).flatMap(([name, schema]) =>
  fieldsOf(schema, name),
);
const isPlain = (description: string): boolean =>
  /^[A-Za-z"].*\.$/.test(description) &&
  description.split(/[.;:] /).every((sentence) => sentence.split(' ').length <= 24);

test('the search finds a field without a description at every depth', () => {
  const schema = z.toJSONSchema(
    z.object({ list: z.array(z.union([z.object({ hidden: z.string() }), z.number()])).describe('A list.') }),
  );
  expect(fieldsOf(schema, 'Schema')).toEqual([
    { path: 'Schema.list', description: 'A list.', hasDefault: false },
    { path: 'Schema.list.hidden', description: '', hasDefault: false },
  ]);
});

test('each field has one plain description', () => {
  expect(fields.length).toBeGreaterThan(2000);
  expect(
    fields
      .filter(({ description }) => !isPlain(description))
      .map(({ path, description }) => [path, description]),
  ).toEqual([]);
});

test('the description of a field with a simple default names the default', () => {
  const isSent = ({ path }: Field): boolean => !/^(Stored|Accepted)/.test(path);
  const withDefault = fields.filter((field) => field.hasDefault && isSent(field));
  expect(withDefault.length).toBeGreaterThan(100);
  expect(
    withDefault
      .filter(({ description }) => !description.includes('Default: '))
      .map(({ path }) => path.split('.').at(-1)),
  ).toEqual([]);
});

test('the description of a field with a unit in its name says the unit', () => {
  const unit = /(Minutes|Seconds|Hours|Days|Percent)$/;
  expect(
    fields
      .filter(({ path, description }) => {
        const [, word] = unit.exec(path) ?? [];
        return word !== undefined && !description.toLowerCase().includes(word.toLowerCase());
      })
      .map(({ path }) => path),
  ).toEqual([]);
});

test('each parameter has a description', () => {
  const parameters = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ parameters: ofRoute }) => ofRoute);
  expect(parameters.length).toBeGreaterThan(80);
  expect(
    parameters
      .filter(({ description, schema }) => !isPlain(description ?? schema.description ?? ''))
      .map(({ name }) => name),
  ).toEqual([]);
});
