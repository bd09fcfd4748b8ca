// The constraints of ASP.NET routes: `{id:int}`, `{id:length(3)}`, `{id:int:min(1)}`.

/** Returns true when the constraint accepts the text of a segment. */
export type Constraint = (text: string) => boolean;

const matching =
  (pattern: RegExp): (() => Constraint) =>
  () =>
  (text) =>
    pattern.test(text);
const isNumber = matching(/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i);
const isInteger = /^-?\d{1,19}$/;
const integer =
  (accepts: (value: number) => boolean): Constraint =>
  (text) =>
    isInteger.test(text) && accepts(Number(text));

/** Each constraint by its name. Its arguments are whole numbers. */
const CONSTRAINTS: Readonly<Record<string, (first: number, second?: number) => Constraint>> = {
  int: matching(/^-?\d{1,10}$/),
  long: matching(isInteger),
  bool: matching(/^(true|false)$/i),
  guid: matching(/^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i),
  alpha: matching(/^[a-z]*$/i),
  required: matching(/./),
  decimal: isNumber,
  double: isNumber,
  float: isNumber,
  datetime: () => (text) => !Number.isNaN(Date.parse(text)),
  length:
    (least, most = least) =>
    (text) =>
      text.length >= least && text.length <= most,
  minlength: (least) => (text) => text.length >= least,
  maxlength: (most) => (text) => text.length <= most,
  min: (least) => integer((value) => value >= least),
  max: (most) => integer((value) => value <= most),
  range: (least, most) => integer((value) => value >= least && value <= (most ?? least)),
};
const ARGUMENTS: Readonly<Record<string, readonly number[]>> = {
  length: [1, 2],
  minlength: [1],
  maxlength: [1],
  min: [1],
  max: [1],
  range: [2],
};

/**
 * Parses the constraints behind the name of a parameter: `:int:min(1)`. Returns undefined when one of
 * them is unknown.
 */
export function parseConstraints(text: string): readonly Constraint[] | undefined {
  const constraints: Constraint[] = [];
  let rest = text;
  while (rest !== '') {
    const [whole, name = '', list] = /^:(\w+)(?:\(((?:[^()]|\([^()]*\))*)\))?/.exec(rest) ?? [];
    const constraint = name === 'regex' ? parsePattern(list) : parseConstraint(name.toLowerCase(), list);
    if (whole === undefined || !constraint) return undefined;
    constraints.push(constraint);
    rest = rest.slice(whole.length);
  }
  return constraints;
}

function parseConstraint(name: string, list: string | undefined): Constraint | undefined {
  const values = list?.split(',').map((value) => value.trim()) ?? [];
  const isComplete = (ARGUMENTS[name] ?? [0]).includes(values.length);
  if (!isComplete || !values.every((value) => isInteger.test(value))) return undefined;
  const [first = 0, second] = values.map(Number);
  return CONSTRAINTS[name]?.(first, second);
}

/** Azure doubles each brace of the pattern, because a brace ends the segment. */
function parsePattern(list: string | undefined): Constraint | undefined {
  try {
    const pattern = new RegExp((list ?? '').replaceAll('{{', '{').replaceAll('}}', '}'), 'i');
    return list === undefined ? undefined : (text) => pattern.test(text);
  } catch {
    return undefined;
  }
}
