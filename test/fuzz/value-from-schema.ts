// Makes a value that fits a JSON Schema. It uses existing names wherever one fits, so that the app
// accepts many values and acts on them.
import type { Schema } from '../support/openapi-contract.ts';
import type { RandomDraw } from './random-draw.ts';
import { textForPattern } from './text-for-pattern.ts';

/** The sources of the values. */
export interface Sources {
  readonly draw: RandomDraw;
  /** The schemas in the document's components. */
  readonly schemas: Readonly<Record<string, Schema>>;
  /** The meaningful values for a property of this name. */
  readonly valuesByProperty: Readonly<Record<string, readonly unknown[]>>;
  /** Every existing name. The generator takes a name where it fits a pattern. */
  readonly names: readonly string[];
  /** Adjusts a value by the name of its schema, for rules that a schema cannot express. */
  makeSensible(schema: string, value: unknown): unknown;
  /** The weight of one alternative among several. */
  weight(alternative: Schema): number;
  /** Simulated time. */
  readonly now: Date;
}

const WORDS = [
  'Shop',
  'front',
  'the data tier',
  'CHG0030001',
  'east asia',
  'Überfahrt',
  '店',
  '🛟 boat',
  "O'Neil; DROP",
  '<b>bold</b>',
  '# heading | cell',
  '${jndi:x}',
  '%s%n',
  '../..',
  'a\tb',
  'line\nbreak',
];
/** The probability that an optional value is present. */
const OPTIONAL_PROBABILITY = 0.3;
const MAX_DEPTH = 5;
/** The probability of an invented name although a known name fits. */
const MADE_UP_PROBABILITY = 0.03;
const MAX_ITEMS = 3;

export function valueOf(schema: Schema, from: Sources, property = '', depth = 0): unknown {
  const { draw } = from;
  if (typeof schema['$ref'] === 'string') {
    const name = schema['$ref'].split('/').at(-1) ?? '';
    return from.makeSensible(name, valueOf(from.schemas[name] ?? {}, from, property, depth));
  }
  if ('const' in schema) return schema['const'];
  const named = from.valuesByProperty[property];
  if (
    schema['type'] !== 'array' &&
    schema['type'] !== 'object' &&
    named !== undefined &&
    named.length > 0 &&
    !draw.chance(MADE_UP_PROBABILITY)
  ) {
    const fitting = named.filter((candidate) => fits(candidate, schema));
    if (fitting.length > 0) return draw.pick(fitting);
  }
  if (Array.isArray(schema['enum'])) return draw.pick(schema['enum'] as unknown[]);
  const alternatives = (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined;
  if (alternatives)
    return valueOf(
      draw.weighted(alternatives, (entry) => from.weight(entry)),
      from,
      property,
      depth,
    );
  return valueOfType(schema, from, property, depth);
}

function valueOfType(schema: Schema, from: Sources, property: string, depth: number): unknown {
  const { draw } = from;
  switch (schema['type']) {
    case 'object':
      return objectOf(schema, from, property, depth);
    case 'array':
      return listOf(schema, from, property, depth);
    case 'string':
      return textOf(schema, from);
    case 'integer':
    case 'number':
      return numberOf(schema, draw);
    case 'boolean':
      return draw.chance(0.5);
    case 'null':
      return null;
    default:
      return draw.pick<unknown>(['anything', 7, null, true, ['x'], { a: 1 }]);
  }
}

const asNumber = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

function fits(
  value: unknown,
  { type, enum: words, pattern, minLength, maxLength, minimum, maximum, anyOf, oneOf }: Schema,
): boolean {
  const alternatives = (anyOf ?? oneOf) as readonly Schema[] | undefined;
  if (alternatives) return alternatives.some((alternative) => fits(value, alternative));
  if (Array.isArray(words)) return words.includes(value);
  if (type === 'integer' || type === 'number')
    return (
      typeof value === 'number' &&
      value >= asNumber(minimum, -Infinity) &&
      value <= asNumber(maximum, Infinity)
    );
  return (
    typeof value === (type ?? typeof value) &&
    (typeof value !== 'string' ||
      ((typeof pattern !== 'string' || new RegExp(pattern).test(value)) &&
        value.length >= asNumber(minLength, 0) &&
        value.length <= asNumber(maxLength, Infinity)))
  );
}

function objectOf(schema: Schema, from: Sources, property: string, depth: number): Record<string, unknown> {
  const { draw } = from;
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  const made: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(
    (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>,
  )) {
    if (required.has(name) || (depth < MAX_DEPTH && draw.chance(OPTIONAL_PROBABILITY)))
      made[name] = valueOf(entry, from, name, depth + 1);
  }
  const { additionalProperties: others, propertyNames } = schema;
  if (typeof others === 'object' && others !== null && depth < MAX_DEPTH) {
    for (let left = draw.int(0, 2); left > 0; left -= 1)
      made[
        String(propertyNames ? valueOf(propertyNames as Schema, from, property, depth + 1) : draw.pick(WORDS))
      ] = valueOf(others as Schema, from, '', depth + 1);
  }
  return made;
}

function listOf(
  { items = {}, minItems, maxItems }: Schema,
  from: Sources,
  property: string,
  depth: number,
): unknown[] {
  const minCount = asNumber(minItems, 0);
  const count = from.draw.int(
    minCount,
    Math.min(asNumber(maxItems, MAX_ITEMS), Math.max(minCount, depth < MAX_DEPTH ? MAX_ITEMS : minCount)),
  );
  const all = Array.from({ length: count }, () => valueOf(items as Schema, from, property, depth + 1));
  // A list with the same entry twice is hardly ever valid.
  return [...new Map(all.map((entry) => [JSON.stringify(entry), entry])).values()];
}

function textOf({ pattern, format, minLength, maxLength }: Schema, { draw, names, now }: Sources): string {
  if (format === 'date-time') return new Date(now.getTime() + draw.int(-90, 90) * 60_000).toISOString();
  if (typeof pattern === 'string') {
    const fitting = draw.chance(MADE_UP_PROBABILITY)
      ? []
      : names.filter(
          (name) => name.length <= asNumber(maxLength, Infinity) && new RegExp(pattern).test(name),
        );
    return fitting.length > 0 ? draw.pick(fitting) : textForPattern(pattern, draw);
  }
  const [minLetters, maxLetters] = [asNumber(minLength, 0), asNumber(maxLength, 60)];
  if (minLetters === 0 && draw.chance(0.1)) return '';
  const text = draw.chance(0.03) ? draw.letters(Math.min(maxLetters, 2000)) : draw.pick(WORDS);
  return text.padEnd(minLetters, 'x').slice(0, maxLetters);
}

function numberOf({ type, minimum, maximum, exclusiveMinimum }: Schema, draw: RandomDraw): number {
  const minValue = asNumber(
    minimum,
    asNumber(exclusiveMinimum, 0) + (exclusiveMinimum === undefined ? 0 : 1),
  );
  const maxValue = Math.min(asNumber(maximum, 1000), minValue + 1000);
  const drawn = draw.chance(0.1)
    ? draw.pick([minValue, maxValue])
    : draw.int(Math.ceil(minValue), Math.min(Math.floor(maxValue), Math.ceil(minValue) + 120));
  return type === 'number' && draw.chance(0.1) && drawn + 0.5 <= maxValue ? drawn + 0.5 : drawn;
}
