// Holds a value to a JSON Schema, as far as our document uses that: a keyword that is not known
// here is an error, never passed over.
export type Schema = Readonly<Record<string, unknown>>;
/** What is wrong, each with its place; none: it fits. */
export type Check = (value: unknown, path: string) => string[];

const IGNORED: ReadonlySet<string> = new Set(['default', 'description', 'title', 'examples']);
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  array: Array.isArray,
  object: isObject,
};
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
  uri: (text) => URL.canParse(text),
  uuid: (text) => /^[0-9a-f-]{36}$/i.test(text),
  ipv4: (text) => /^\d+(\.\d+){3}$/.test(text),
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
const size = (value: unknown): number =>
  typeof value === 'string' || Array.isArray(value) ? value.length : Number.NaN;
const failing =
  (says: string, test: (value: unknown) => boolean): Check =>
  (value, path) =>
    test(value) ? [] : [`${path}: ${says}, and is ${JSON.stringify(value).slice(0, 200)}`];

/** Compiles each schema once; `resolve` finds what a reference names. */
export function compiler(resolve: (reference: string) => Schema): (schema: Schema) => Check {
  const known = new Map<string, Check>();
  const compile = (schema: Schema): Check => {
    const checks = Object.entries(schema)
      .filter(([keyword]) => !IGNORED.has(keyword))
      .flatMap(([keyword, wanted]) => ofKeyword(keyword, wanted, schema));
    return (value, path) => checks.flatMap((check) => check(value, path));
  };
  const all = (wanted: unknown): Check[] => (wanted as Schema[]).map(compile);

  function reference(name: string): Check {
    return (value, path) => {
      const check = known.get(name) ?? compile(resolve(name));
      known.set(name, check);
      return check(value, path);
    };
  }

  function members(schema: Schema): Check {
    const properties = new Map(
      Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Schema>>).map(([name, one]) => [
        name,
        compile(one),
      ]),
    );
    const { additionalProperties: others = true, propertyNames } = schema;
    const other =
      typeof others === 'object' && others !== null
        ? compile(others as Schema)
        : others === false
          ? failing('is not described', () => false)
          : undefined;
    const names = propertyNames === undefined ? undefined : compile(propertyNames as Schema);
    return (value, path) =>
      isObject(value)
        ? Object.entries(value).flatMap(([name, one]) => [
            ...((properties.get(name) ?? other)?.(one, `${path}.${name}`) ?? []),
            ...(names?.(name, `${path} (its name)`) ?? []),
          ])
        : [];
  }

  function ofKeyword(keyword: string, wanted: unknown, schema: Schema): Check[] {
    switch (keyword) {
      case '$ref':
        return [reference(String(wanted))];
      case 'type':
        return [
          failing(`must be of type ${String(wanted)}`, (value) =>
            [wanted].flat().some((type) => TYPES[String(type)]?.(value) ?? false),
          ),
        ];
      case 'properties':
        return [members(schema)];
      case 'additionalProperties':
      case 'propertyNames':
        return 'properties' in schema ? [] : [members(schema)];
      case 'required':
        return (wanted as string[]).map((name) =>
          failing(`must have ${name}`, (value) => !isObject(value) || name in value),
        );
      case 'items': {
        const item = compile(wanted as Schema);
        return [
          (value, path) =>
            Array.isArray(value) ? value.flatMap((one, i) => item(one, `${path}[${i}]`)) : [],
        ];
      }
      case 'allOf':
        return all(wanted);
      case 'anyOf':
      case 'oneOf': {
        const some = all(wanted);
        return [
          (value, path) => {
            const found = some.map((check) => check(value, path));
            return found.some((wrong) => wrong.length === 0)
              ? []
              : (found.toSorted((a, b) => a.length - b.length)[0] ?? [`${path}: fits nothing`]);
          },
        ];
      }
      case 'const':
        return [failing(`must be ${JSON.stringify(wanted)}`, (value) => value === wanted)];
      case 'enum':
        return [
          failing(`must be one of ${JSON.stringify(wanted)}`, (value) =>
            (wanted as unknown[]).includes(value),
          ),
        ];
      case 'pattern': {
        const pattern = new RegExp(String(wanted));
        return [
          failing(
            `must be like ${String(wanted)}`,
            (value) => typeof value !== 'string' || pattern.test(value),
          ),
        ];
      }
      case 'format':
        return [
          failing(
            `must be a ${String(wanted)}`,
            (value) => typeof value !== 'string' || (FORMATS[String(wanted)] ?? (() => false))(value),
          ),
        ];
      case 'minLength':
      case 'minItems':
        return [failing(`must have ${String(wanted)} or more`, (value) => !(size(value) < Number(wanted)))];
      case 'maxLength':
      case 'maxItems':
        return [failing(`must have at most ${String(wanted)}`, (value) => !(size(value) > Number(wanted)))];
      case 'minimum':
        return [
          failing(
            `must be at least ${String(wanted)}`,
            (value) => !(typeof value === 'number' && value < Number(wanted)),
          ),
        ];
      case 'maximum':
        return [
          failing(
            `must be at most ${String(wanted)}`,
            (value) => !(typeof value === 'number' && value > Number(wanted)),
          ),
        ];
      case 'exclusiveMinimum':
        return [
          failing(
            `must be more than ${String(wanted)}`,
            (value) => !(typeof value === 'number' && value <= Number(wanted)),
          ),
        ];
      default:
        throw new Error(`The keyword "${keyword}" of JSON Schema is not known here.`);
    }
  }
  return compile;
}
