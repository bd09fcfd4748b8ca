// What a body must be, and how often a caller may come.
import { jsonOf, mustBeJsonType, textFrom } from '../../../shared/http/body.ts';
import { mustNotRush, Rates } from '../../../shared/http/rate.ts';

async function* pieces(...texts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(typeof text === 'string' ? Buffer.from(text) : text);
}
const code = (code: string, status: number) => expect.objectContaining({ code, status }) as unknown;

test('[TRG-1] a body is read no further than it may be long, whatever is said of its length', async () => {
  expect(await textFrom(pieces('{"a":', '"ä"}'), '9')).toBe('{"a":"ä"}');
  expect(await textFrom(null, null)).toBe('');
  let read = 0;
  async function* endless() {
    for (;;) {
      read += 1;
      yield await Promise.resolve(Buffer.alloc(100_000));
    }
  }
  await expect(textFrom(endless(), '5')).rejects.toEqual(code('BodyTooLarge', 413));
  expect(read).toBe(11);
  await expect(textFrom(pieces('{}'), '1000001')).rejects.toEqual(code('BodyTooLarge', 413));
  await expect(textFrom(pieces(Buffer.from([0x22, 0xff, 0x22])), null)).rejects.toEqual(code('NotJson', 400));
});

test('[TRG-1] it is JSON, told by line and column when it is not, and not nested without end', () => {
  expect(jsonOf(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeDefined();
  expect(jsonOf(JSON.stringify({ text: '[{'.repeat(100), escaped: '\\"[['.repeat(50) }))).toBeDefined();
  expect(() => jsonOf(`${'['.repeat(65)}${']'.repeat(65)}`)).toThrow(expect.objectContaining({ code: 'TooDeep' }) as Error);
  expect(() => jsonOf('['.repeat(400_000))).toThrow(expect.objectContaining({ code: 'TooDeep' }) as Error);
  expect(() => jsonOf('{"a": 1,\n "b": }')).toThrow(/line 2, column 7/);
  for (const type of [null, 'application/json', 'application/json; charset=utf-8', 'Application/CloudEvents+JSON']) mustBeJsonType(type);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', 'application/jsonp', '']) expect(() => mustBeJsonType(type)).toThrow(expect.objectContaining({ code: 'ContentTypeUnknown', status: 415 }) as Error);
});

test('[TRG-1] each caller has a bucket of their own, which refills', () => {
  let now = 0;
  const rate = { burst: 3, perSecond: 2 };
  const rates = new Rates(rate, () => now);
  const calls = (caller: string, count: number) => Array.from({ length: count }, () => rates.take(caller));
  expect(calls('a', 4)).toEqual([0, 0, 0, 0.5]);
  expect(calls('b', 1)).toEqual([0]);
  now += 500;
  expect(calls('a', 2)).toEqual([0, 0.5]);
  now += 60_000;
  expect(calls('a', 4)).toEqual([0, 0, 0, 0.5]);
  expect(() => mustNotRush(rates, 'a', rate)).toThrow(expect.objectContaining({ status: 429, code: 'TooManyRequests', details: { retryAfterSeconds: 1 } }) as Error);
});
