// The limits of a body, and of the calls of one caller.
import {
  readBodyBytes,
  parseJsonBody,
  assertJsonContentType,
  readBodyText,
} from '../../../shared/http/body.ts';
import { assertWithinRate, RateLimiter } from '../../../shared/http/rateLimit.ts';

const request = (body?: string | Uint8Array<ArrayBuffer>): Request =>
  new Request('http://lifeboat.example', { method: 'POST', body: body ?? null });
const code = (code: string, status: number) => expect.objectContaining({ code, status }) as unknown;

test('a body is text of at most a million bytes, or fewer where the route sets a limit [TRG-1]', async () => {
  expect(await readBodyText(request('{"a":"ä"}'))).toBe('{"a":"ä"}');
  expect(await readBodyText(request())).toBe('');
  expect(await readBodyText(request('x'.repeat(1_000_000)))).toHaveLength(1_000_000);
  await expect(readBodyText(request('x'.repeat(1_000_001)))).rejects.toEqual(code('BodyTooLarge', 413));
  await expect(readBodyBytes(request('four'), 3)).rejects.toEqual(code('BodyTooLarge', 413));
  await expect(readBodyText(request(new Uint8Array([0x22, 0xff, 0x22])))).rejects.toEqual(
    code('NotJson', 400),
  );
});

test('a body is JSON of limited depth, and an error gives line and column [TRG-1]', () => {
  expect(parseJsonBody(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeDefined();
  expect(
    parseJsonBody(JSON.stringify({ text: '[{'.repeat(100), escaped: '\\"[['.repeat(50) })),
  ).toBeDefined();
  expect(() => parseJsonBody(`${'['.repeat(65)}${']'.repeat(65)}`)).toThrow(
    expect.objectContaining({ code: 'TooDeep' }) as Error,
  );
  expect(() => parseJsonBody('['.repeat(400_000))).toThrow(
    expect.objectContaining({ code: 'TooDeep' }) as Error,
  );
  expect(() => parseJsonBody('{"a": 1,\n "b": }')).toThrow(/line 2, column 7/);
  for (const type of [
    null,
    'application/json',
    'application/json; charset=utf-8',
    'Application/CloudEvents+JSON',
  ])
    assertJsonContentType(type);
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonp',
    '',
  ])
    expect(() => assertJsonContentType(type)).toThrow(
      expect.objectContaining({ code: 'ContentTypeUnknown', status: 415 }) as Error,
    );
});

test('Lifeboat refuses a body that has a name twice in one object, with its place [TRG-1]', () => {
  for (const [text, place] of [
    ['{"a": 1,\n "a": 1}', '$.a more than once: line 2, column 7'],
    ['{"b": [{"a": {}, "\\u0061": {}}]}', '$.b[0].a more than once: line 1, column 28'],
    ['{"__proto__": 1, "__proto__": 2}', '$.__proto__ more than once: line 1, column 31'],
  ] as const)
    expect(() => parseJsonBody(text)).toThrow(
      expect.objectContaining({
        code: 'NameTwice',
        status: 400,
        message: expect.stringContaining(place) as string,
      }) as Error,
    );
  for (const text of ['[{"a": 1}, {"a": 1}]', '{"a": {"a": ":"}, ":": "\\":"}', '{"__proto__": 1}', '3'])
    expect(parseJsonBody(text)).toEqual(JSON.parse(text));
});

test('each caller has a bucket of their own, which refills [TRG-1]', () => {
  let now = 0;
  const rate = { burst: 3, perSecond: 2 };
  const rates = new RateLimiter(rate, () => now);
  const takeTokens = (caller: string, count: number) =>
    Array.from({ length: count }, () => rates.takeToken(caller));
  expect(takeTokens('a', 4)).toEqual([0, 0, 0, 0.5]);
  expect(takeTokens('b', 1)).toEqual([0]);
  now += 500;
  expect(takeTokens('a', 2)).toEqual([0, 0.5]);
  now += 60_000;
  expect(takeTokens('a', 4)).toEqual([0, 0, 0, 0.5]);
  expect(() => assertWithinRate(rates, 'a', rate)).toThrow(
    expect.objectContaining({
      status: 429,
      code: 'TooManyRequests',
      details: { retryAfterSeconds: 1 },
    }) as Error,
  );
});
