// Writes the tables of all fields of plans and schedules into docs/guides/plan-fields.md, from the
// schemas of the API.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { componentSchemas } from '../shared/api/routes/jsonSchemas.ts';
import { replaceMarkedSection } from './marked-section.ts';

/** The part of JSON Schema that the tables show. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
}
const Schema: z.ZodType<Schema> = z.looseObject({});

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'true or false',
  null: 'null',
  object: 'object',
};
/** The headings of the named schemas on the page. */
const HEADINGS: Readonly<Record<string, string>> = {
  Action: 'Action',
  AroundVm: 'VM',
  Group: 'Group',
  Rule: 'Rule',
};

const nameOf = ({ $ref = '' }: Schema): string | undefined => HEADINGS[$ref.split('/').at(-1) ?? ''];
const alternativesOf = ({ anyOf, oneOf }: Schema): readonly Schema[] => anyOf ?? oneOf ?? [];
const valueText = (value: unknown): string => `\`${String(value)}\``;

function typeText(schema: Schema): string {
  const heading = nameOf(schema);
  if (heading !== undefined) return `[${heading}](#${heading.toLowerCase()})`;
  if (schema.const !== undefined) return valueText(schema.const);
  if (schema.enum) return schema.enum.map(valueText).join(', ');
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeText))].join(' or ');
  if (schema.type === 'array') return `list: ${typeText(schema.items ?? {})}`;
  return typeof schema.additionalProperties === 'object' && schema.additionalProperties.$ref !== undefined
    ? `by id: ${typeText(schema.additionalProperties)}`
    : (TYPE_WORDS[schema.type ?? ''] ?? 'any');
}

/** The objects inside a field: itself, those of a list, and those of alternatives. */
function innerObjectsOf(schema: Schema): readonly Schema[] {
  if (schema.properties) return [schema];
  if (schema.items) return innerObjectsOf(schema.items);
  return alternativesOf(schema).flatMap(innerObjectsOf);
}

interface Row {
  readonly field: string;
  readonly values: string;
  readonly meaning: string;
}

/** The rows of an object. The fields of inner objects follow their field. */
function rowsOf({ properties = {}, required = [] }: Schema, prefix = ''): readonly Row[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const mark = required.includes(name) ? ' (required)' : '';
    const list = field.type === 'array' ? '[]' : '';
    return [
      { field: `${prefix}${name}`, values: typeText(field) + mark, meaning: field.description ?? '' },
      ...mergeRows(innerObjectsOf(field).flatMap((object) => rowsOf(object, `${prefix}${name}${list}.`))),
    ];
  });
}

/** Alternatives share fields: one row shows the values of all of them. */
function mergeRows(rows: readonly Row[]): readonly Row[] {
  const merged = new Map<string, Row>();
  for (const row of rows) {
    const key = `${row.field} ${row.meaning}`;
    const before = merged.get(key)?.values.replace(' (required)', '');
    const isNew = before !== undefined && !row.values.startsWith(before);
    merged.set(key, isNew ? { ...row, values: `${before}, ${row.values}` } : row);
  }
  return [...merged.values()];
}

const lineOf = ({ field, values, meaning }: Row): string => `| \`${field}\` | ${values} | ${meaning} |`;
const section = (heading: string, rows: readonly Row[]): string =>
  [`## ${heading}`, '', '| field | values | meaning |', '| --- | --- | --- |', ...rows.map(lineOf)].join(
    '\n',
  );

/** One section for the fields that all actions share, then one for each kind. */
function actionSections(action: Schema): readonly string[] {
  const kinds = alternativesOf(action).map((kind) => ({
    name: String(kind.properties?.['kind']?.const),
    rows: rowsOf(kind).filter(({ field }) => field !== 'kind'),
  }));
  const [first] = kinds;
  const shared = (first?.rows ?? []).filter(({ field }) =>
    kinds.every(({ rows }) => rows.some((row) => row.field === field)),
  );
  const isOwn = ({ field }: Row): boolean => shared.every((row) => row.field !== field);
  return [
    section('Action', shared),
    ...kinds.map(({ name, rows }) => section(`Action \`${name}\``, rows.filter(isOwn))),
  ];
}

/** The page with the present tables. */
export function renderPlanFields(document: string): string {
  const schemas = z.record(z.string(), Schema).parse(componentSchemas());
  const named = (name: string): Schema => schemas[name] ?? {};
  const text = [
    section('Plan', rowsOf(named('Plan'))),
    section('Group', rowsOf(named('Group'))),
    section('VM', rowsOf(named('AroundVm'))),
    section('Rule', rowsOf(named('Rule'))),
    ...actionSections(named('Action')),
    section('Schedule', rowsOf(named('Schedule'))),
  ].join('\n\n');
  return replaceMarkedSection(document, 'plan-fields', text);
}

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'docs', 'guides', 'plan-fields.md');
  writeFileSync(path, renderPlanFields(readFileSync(path, 'utf8')));
}
