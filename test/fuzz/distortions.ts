// Makes one thing wrong in a valid request.
import type { RandomDraw } from './random-draw.ts';

/** A request before it leaves: a distortion can still change each part. */
export interface DrawnRequest {
  method: string;
  readonly path: string;
  params: Record<string, string>;
  query: [string, string][];
  headers: Record<string, string>;
  /** The content of the body. Undefined: no body. */
  value: unknown;
  /** The bytes on the wire instead of `value`. */
  bytes: Buffer | undefined;
  /** The name of a principal, or `nobody`. */
  who: string;
}

type Distortion = (drawn: DrawnRequest, draw: RandomDraw) => void;
type JsonContainer = Record<string, unknown> | unknown[];

const isJsonContainer = (value: unknown): value is JsonContainer =>
  typeof value === 'object' && value !== null;
/** Every position in a value, with its container. */
const positionsIn = (value: unknown): [JsonContainer, string][] =>
  isJsonContainer(value)
    ? Object.entries(value).flatMap(([key, entry]): [JsonContainer, string][] => [
        [value, key],
        ...positionsIn(entry),
      ])
    : [];

const put = (container: JsonContainer, key: string, value: unknown): void =>
  void Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  -1e308,
  9007199254740993,
  1e21,
  '',
  ' ',
  'x',
  [],
  {},
  [[]],
  [null],
  { a: { b: {} } },
  'null',
  '2026-02-30T25:61:00Z',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x\udfffx',
  '\ufeffx',
  '\u202efdp.exe',
  '\r\nset-cookie: a=b',
  'x'.repeat(201),
  'x'.repeat(20_000),
  '../../etc/passwd',
  "' OR 1=1 --",
  '{{7*7}}',
  '<script>alert(1)</script>',
  '/subscriptions/x',
  'vm-aaaaaaaaaaaaaaaaaaaaaaaaaa',
  'http://169.254.169.254/metadata',
  'file:///etc/passwd',
  'javascript:alert(1)',
];
const ODD_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '$where',
  'extra',
  '',
  '\u0000',
  'id',
  'type',
  '_etag',
  'schema',
  'ttl',
  'x'.repeat(300),
];
/** Leaves out one dot and two dots, because they change the path. */
const ODD_PATH_PARTS = [
  'none',
  'x'.repeat(300),
  'x'.repeat(2000),
  '...',
  '.x',
  '%',
  'a/b',
  'a\\b',
  'a?b',
  'a#b',
  '\u0000',
  'é',
  ' ',
  '-',
  '__proto__',
  'constructor',
  '"',
  "'",
  "x' OR '1'='1",
  'job',
  'NaN',
  '0',
  'a b',
  'ſ',
  '*',
  'null',
  'undefined',
  'job:x',
  'A',
];
const nested = (depth: number, open: string, close: string): string =>
  open.repeat(depth) + close.repeat(depth);
const bodyText = ({ value }: DrawnRequest): string => (value === undefined ? '' : JSON.stringify(value));

const BODY_DISTORTIONS: Readonly<Record<string, Distortion>> = {
  other: (drawn, draw) => {
    const positions = positionsIn(drawn.value);
    if (positions.length === 0) drawn.value = draw.pick(ODD_VALUES);
    else {
      const [container, key] = draw.pick(positions);
      put(container, key, draw.pick(ODD_VALUES));
    }
  },
  missing: (drawn, draw) => {
    const [container, key] = draw.pick([...positionsIn(drawn.value), [{}, 'x'] as [JsonContainer, string]]);
    Reflect.deleteProperty(container, key);
  },
  extraKey: (drawn, draw) => {
    const containers = [
      drawn.value,
      ...positionsIn(drawn.value).map(([container, key]) => (container as Record<string, unknown>)[key]),
    ].filter(isJsonContainer);
    if (containers.length > 0)
      put(draw.pick(containers), draw.pick(ODD_KEYS), draw.pick([1, {}, { isAdmin: true }, 'x', null]));
  },
  many: (drawn, draw) => {
    const lists = positionsIn(drawn.value)
      .map(([container, key]) => (container as Record<string, unknown>)[key])
      .filter(Array.isArray);
    if (lists.length > 0) {
      const list = draw.pick(lists) as unknown[];
      list.push(...Array.from({ length: draw.pick([1, 200, 6000]) }, () => list[0] ?? 'x'));
    }
  },
  deep: (drawn, draw) => {
    drawn.bytes = Buffer.from(
      draw.pick([
        nested(65, '[', ']'),
        nested(64, '{"a":', '}').replace(':}', ':1}'),
        nested(50_000, '[', ''),
        `{"operation":"failover","x":${nested(60, '[', ']')}}`,
      ]),
    );
  },
  tooLarge: (drawn, draw) => {
    drawn.bytes = draw.pick([
      Buffer.from(`${bodyText(drawn).slice(0, -1)}${' '.repeat(1_000_001)}}`),
      Buffer.from(JSON.stringify({ reason: 'x'.repeat(1_000_100) })),
      Buffer.alloc(1_100_000, 0x20),
    ]);
  },
  cut: (drawn, draw) => {
    const whole = bodyText(drawn);
    drawn.bytes = Buffer.from(whole.slice(0, draw.int(0, Math.max(0, whole.length - 1))));
  },
  behind: (drawn, draw) => {
    drawn.bytes = Buffer.from(bodyText(drawn) + draw.pick([',', '}', ' x', '\u0000', '{}', '//', '/* x */']));
  },
  bom: (drawn) => {
    drawn.bytes = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(bodyText(drawn))]);
  },
  utf16: (drawn) => {
    drawn.bytes = Buffer.from(bodyText(drawn), 'utf16le');
  },
  notUtf8: (drawn, draw) => {
    const whole = Buffer.from(bodyText(drawn));
    const at = draw.int(0, whole.length);
    drawn.bytes = Buffer.concat([
      whole.subarray(0, at),
      Buffer.from(draw.pick([[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0x80]])),
      whole.subarray(at),
    ]);
  },
  twice: (drawn, draw) => {
    const whole = bodyText(drawn);
    const first = isJsonContainer(drawn.value) ? Object.keys(drawn.value)[0] : undefined;
    drawn.bytes = Buffer.from(
      first === undefined || !whole.startsWith('{')
        ? whole
        : `{${JSON.stringify(first)}:${draw.pick(['null', '"other"', '{"__proto__":{"x":1}}'])},${whole.slice(1)}`,
    );
  },
  otherJson: (drawn, draw) => {
    drawn.bytes = Buffer.from(bodyText(drawn).replace(/"/g, draw.pick(["'", '“', '`'])));
  },
  number: (drawn, draw) => {
    drawn.bytes = Buffer.from(
      bodyText(drawn).replace(
        /:\s*(\d+|true|false|"[^"]*")/,
        `:${draw.pick(['NaN', 'Infinity', '-0', '01', '1e999', '0x10', '9'.repeat(400)])}`,
      ),
    );
  },
  empty: (drawn, draw) => {
    drawn.bytes = Buffer.from(draw.pick(['', ' ', '\n', 'null', '[]', '{}', '""', '0']));
  },
};

const OTHER_DISTORTIONS: Readonly<Record<string, Distortion>> = {
  type: (drawn, draw) => {
    drawn.headers['content-type'] = draw.pick([
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      'multipart/form-data; boundary=x',
      'application/jsonx',
      '*/*',
      'application/xml',
      'x'.repeat(500),
    ]);
  },
  who: (drawn, draw) => {
    drawn.who = draw.pick(['stranger', 'reader', 'alerts', 'approver', 'operator', 'nobody', 'nobody']);
  },
  token: (drawn, draw) => {
    drawn.headers['authorization'] = draw.pick([
      'Bearer',
      'Bearer ',
      'Bearer x',
      'Bearer a.b.c',
      'Basic YTpi',
      'bearer  ',
      `Bearer ${'x'.repeat(5000)}`,
      'Bearer eyJhbGciOiJub25lIn0.e30.',
      'Bearer null',
    ]);
  },
  part: (drawn, draw) => {
    const names = Object.keys(drawn.params);
    if (names.length > 0) drawn.params[draw.pick(names)] = draw.pick(ODD_PATH_PARTS);
  },
  query: (drawn, draw) => {
    drawn.query.push(
      draw.pick<[string, string]>([
        ['colour', 'red'],
        ['limit', '0'],
        ['limit', '-1'],
        ['limit', '501'],
        ['limit', '1e3'],
        ['limit', 'NaN'],
        ['limit', ''],
        ['continuation', 'x'],
        ['continuation', 'eyJhIjoxfQ'],
        ['continuation', 'x'.repeat(5000)],
        ['__proto__', 'x'],
        ['since', 'yesterday'],
        ['since', '9999-12-31T23:59:59Z'],
        ['state', ','],
        ['version', '0'],
        ['version', '99999999999999999999'],
        ['after', '-1'],
        ['after', '1e9'],
        ['vm', '\u0000'],
        ['ticket', 'x'.repeat(600)],
        ['', ''],
      ]),
    );
  },
  key: (drawn, draw) => {
    const key = draw.pick(['', ' ', 'x'.repeat(201), 'ä'.repeat(10), "'", 'a/b', '..', '%00', undefined]);
    if (key === undefined) delete drawn.headers['idempotency-key'];
    else drawn.headers['idempotency-key'] = Buffer.from(key).toString('latin1');
  },
  ifMatch: (drawn, draw) => {
    const value = draw.pick([
      '*',
      '""',
      '"0"',
      '1',
      'W/"1"',
      '"1", "2"',
      '"99999999999999999999"',
      'x'.repeat(300),
      undefined,
    ]);
    if (value === undefined) delete drawn.headers['if-match'];
    else drawn.headers['if-match'] = value;
  },
  accept: (drawn, draw) => {
    drawn.headers['accept'] = draw.pick([
      'text/csv',
      'text/markdown',
      'image/png',
      'application/*;q=0.1, text/csv',
      ',',
      '*/*;q=0',
      'text/html, text/markdown',
    ]);
  },
  lastEvent: (drawn, draw) => {
    drawn.headers['last-event-id'] = draw.pick(['', 'x', '-1', '1', '999999', '1e3']);
  },
  signature: (drawn, draw) => {
    if ('webhook-signature' in drawn.headers)
      drawn.headers[draw.pick(['webhook-signature', 'webhook-timestamp', 'webhook-nonce'])] = draw.pick([
        '',
        'x',
        'v1,grid,AAAA',
        '0',
        'v1,__proto__,x',
        'v1,grid',
        'x'.repeat(2000),
        '99999999999',
      ]);
  },
};

/** Distorts the request in one place, and returns the place. */
export function distort(drawn: DrawnRequest, draw: RandomDraw): string {
  const hasBody = drawn.value !== undefined;
  const signed = 'webhook-signature' in drawn.headers;
  const names = [
    ...(hasBody
      ? [
          'other',
          'other',
          'other',
          'missing',
          'extraKey',
          'extraKey',
          ...Object.keys(BODY_DISTORTIONS),
          'type',
        ]
      : []),
    ...((drawn.params['id'] ?? drawn.params['planId'] ?? drawn.params['vaultId']) === undefined
      ? []
      : ['part', 'part']),
    ...(drawn.method === 'GET' ? ['query', 'query', 'accept', 'lastEvent'] : []),
    ...('idempotency-key' in drawn.headers ? ['key'] : []),
    ...(drawn.method === 'PUT' || drawn.method === 'DELETE' ? ['ifMatch', 'ifMatch'] : []),
    ...(signed ? ['signature', 'signature'] : ['who', 'who', 'token']),
  ];
  const name = draw.pick(names);
  (BODY_DISTORTIONS[name] ?? OTHER_DISTORTIONS[name])?.(drawn, draw);
  return name;
}

/** Replaces the request by random content that ignores the schema. */
export function randomize(drawn: DrawnRequest, draw: RandomDraw): void {
  if (drawn.value !== undefined || draw.chance(0.3)) {
    const noise = Buffer.from(Array.from({ length: draw.int(0, 200) }, () => draw.int(0, 255)));
    drawn.bytes = draw.pick([
      noise,
      Buffer.from(JSON.stringify(draw.pick(ODD_VALUES))),
      Buffer.from(
        JSON.stringify({
          [draw.pick(ODD_KEYS)]: draw.pick(ODD_VALUES),
          [draw.pick(['operation', 'vms', 'plan', 'runs', 'id'])]: draw.pick(ODD_VALUES),
        }),
      ),
    ]);
  }
  for (const name of Object.keys(drawn.params))
    if (draw.chance(0.7)) drawn.params[name] = draw.pick(ODD_PATH_PARTS);
  if (draw.chance(0.5)) drawn.query.push([draw.pick(ODD_KEYS), String(draw.pick(ODD_VALUES))]);
  if (draw.chance(0.3)) drawn.method = draw.pick(['PATCH', 'PUT', 'DELETE', 'POST', 'GET', 'OPTIONS']);
}
