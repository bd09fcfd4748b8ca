// Random documents and conditions, and a plain evaluation of the conditions for comparison with the
// server.

import fc from 'fast-check';

export interface TestDocument {
  id: string;
  group: string;
  [name: string]: unknown;
}

/** True, false, or neither: a condition with an undefined value is neither. */
type Truth = boolean | undefined;

export interface Condition {
  readonly text: string;
  readonly holds: (thing: TestDocument) => Truth;
}

// Few values, so that conditions are often true.
const scalar = fc.constantFrom(null, true, false, -1, 1, 1, 2, '', 'a', 'a', 'ab', 'ü"\\\'☂');
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  fc.array(scalar, { maxLength: 2 }),
  fc.record({ k: scalar }, { requiredKeys: [] }),
);
const NAMES = ['a', 'type', 'odd "name'] as const;

export const anyDocuments = fc
  .array(
    fc.record(
      {
        group: fc.constantFrom('g1', 'g2', 'g3', 'g4', 'g5', 'g6'),
        a: value,
        type: fc.oneof(value, fc.constantFrom('a', 'a', 'ab')),
        'odd "name': scalar,
        place: fc.integer({ min: 0, max: 4 }),
      },
      { requiredKeys: ['group', 'a', 'place'] },
    ),
    { maxLength: 12 },
  )
  .map((list): TestDocument[] => list.map((thing, index) => ({ ...thing, id: `t${index}` })));

interface Operand {
  readonly text: string;
  readonly of: (thing: TestDocument) => unknown;
}

const property: fc.Arbitrary<Operand> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(...NAMES)
      .map((name) => ({ text: `c[${JSON.stringify(name)}]`, of: (thing: TestDocument) => thing[name] })),
  },
  fc.constant({
    text: 'c.a.k',
    of: ({ a }: TestDocument) =>
      typeof a === 'object' && a !== null && !Array.isArray(a) ? (a as { k?: unknown }).k : undefined,
  }),
  fc.constant({
    text: 'c.type[0]',
    of: ({ type }: TestDocument) => (Array.isArray(type) ? (type as unknown[])[0] : undefined),
  }),
);
const literal: fc.Arbitrary<Operand> = value.map((constant) => ({
  text: JSON.stringify(constant),
  of: () => constant,
}));
const operand = fc.oneof({ weight: 4, arbitrary: literal }, property);

const ORDERINGS: Readonly<Record<string, (difference: number) => boolean>> = {
  '<': (difference) => difference < 0,
  '<=': (difference) => difference <= 0,
  '>': (difference) => difference > 0,
  '>=': (difference) => difference >= 0,
};

const comparison: fc.Arbitrary<Condition> = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: property }, literal),
    fc.constantFrom('=', '=', '!=', '<', '<=', '>', '>='),
    operand,
  )
  .map(([left, sign, right]) => ({
    text: `${left.text} ${sign} ${right.text}`,
    holds: (thing) => compared(left.of(thing), sign, right.of(thing)),
  }));

const membership: fc.Arbitrary<Condition> = fc
  .tuple(property, fc.array(literal, { minLength: 1, maxLength: 3 }))
  .map(([left, options]) => ({
    text: `${left.text} IN (${options.map(({ text }) => text).join(', ')})`,
    holds: (thing) => anyOf(options.map((option) => compared(left.of(thing), '=', option.of(thing)))),
  }));

const interval: fc.Arbitrary<Condition> = fc.tuple(property, literal, literal).map(([middle, low, high]) => ({
  text: `${middle.text} BETWEEN ${low.text} AND ${high.text}`,
  holds: (thing) =>
    not(
      anyOf([
        not(compared(middle.of(thing), '>=', low.of(thing))),
        not(compared(middle.of(thing), '<=', high.of(thing))),
      ]),
    ),
}));

const functionCall: fc.Arbitrary<Condition> = fc.oneof(
  property.map(({ text, of }): Condition => ({
    text: `IS_DEFINED(${text})`,
    holds: (thing) => of(thing) !== undefined,
  })),
  property.map(({ text, of }): Condition => ({
    text: `IS_NULL(${text})`,
    holds: (thing) => of(thing) === null,
  })),
  fc.tuple(property, literal).map(([list, sought]): Condition => ({
    text: `ARRAY_CONTAINS(${list.text}, ${sought.text})`,
    holds: (thing) => listed(list.of(thing), sought.of(thing)),
  })),
  fc.tuple(property, fc.constantFrom('', 'a', '☂')).map(([text, start]): Condition => ({
    text: `STARTSWITH(${text.text}, ${JSON.stringify(start)})`,
    holds: (thing) => onText(text.of(thing), (written) => written.startsWith(start)),
  })),
  fc.tuple(property, fc.constantFrom('', 'b', '"')).map(([text, part]): Condition => ({
    text: `CONTAINS(${text.text}, ${JSON.stringify(part)})`,
    holds: (thing) => onText(text.of(thing), (written) => written.includes(part)),
  })),
);

/** Applications often ask for one kind of document, and the server keeps an index of kinds. */
const kind: fc.Arbitrary<Condition> = fc
  .constantFrom('a', 'a', 'ab', '', 'none')
  .map((type) => ({ text: `c.type = "${type}"`, holds: (thing) => compared(thing['type'], '=', type) }));

export const anyCondition: fc.Arbitrary<Condition> = fc.letrec<{ whole: Condition; simple: Condition }>(
  (tie) => ({
    simple: fc.oneof(
      { weight: 4, arbitrary: comparison },
      { weight: 3, arbitrary: kind },
      membership,
      interval,
      functionCall,
    ),
    whole: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 4, arbitrary: tie('simple') },
      fc.tuple(tie('whole'), tie('whole')).map(([left, right]) => ({
        text: `(${left.text} AND ${right.text})`,
        holds: (thing: TestDocument) => not(anyOf([not(left.holds(thing)), not(right.holds(thing))])),
      })),
      fc.tuple(tie('whole'), tie('whole')).map(([left, right]) => ({
        text: `(${left.text} OR ${right.text})`,
        holds: (thing: TestDocument) => anyOf([left.holds(thing), right.holds(thing)]),
      })),
      tie('whole').map(({ text, holds }) => ({
        text: `NOT (${text})`,
        holds: (thing: TestDocument) => not(holds(thing)),
      })),
    ),
  }),
).whole;

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  return truths.includes(undefined) ? undefined : false;
}

function compared(left: unknown, sign: string, right: unknown): Truth {
  if (left === undefined || right === undefined) return undefined;
  if (sign === '=') return same(left, right);
  if (sign === '!=') return !same(left, right);
  const comparable =
    (left === null && right === null) || (typeof left === typeof right && typeof left !== 'object');
  if (!comparable) return undefined;
  return ORDERINGS[sign]?.(left === right ? 0 : (left as string) < (right as string) ? -1 : 1);
}

/** The random objects have one property at most, so their JSON texts decide. */
function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function listed(list: unknown, sought: unknown): Truth {
  return Array.isArray(list) ? list.some((item) => same(item, sought)) : undefined;
}

function onText(found: unknown, test: (text: string) => boolean): Truth {
  return typeof found === 'string' ? test(found) : undefined;
}
