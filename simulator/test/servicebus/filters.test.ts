// SQL filters: their matches, and the rules that the broker refuses at creation.

import { compileSql } from '../../servicebus/filters/sql.ts';
import type { MessageFields } from '../../servicebus/message.ts';

const FACTS: MessageFields = {
  system: { messageId: 'm-1', label: 'order.created', correlationId: 'c', sessionId: undefined },
  application: new Map<string, unknown>([
    ['colour', 'red'],
    ['weight', 3],
    ['price', 2.5],
    ['urgent', true],
    ["it's", 'quoted'],
    ['two words', 1],
    ['percent', '100%'],
  ]),
};

test.each([
  ['1=1'],
  ['TRUE'],
  ["colour = 'red'"],
  ["Colour = 'red'"],
  ["user.colour = 'red'"],
  ['weight > 2 AND weight <= 3'],
  ['weight + 1 = 4'],
  ['weight * 2 - 1 = 5'],
  ['weight % 2 = 1'],
  ['-weight < 0'],
  ['price >= 2.5e0'],
  ['urgent'],
  ['urgent = TRUE'],
  ["NOT colour = 'blue'"],
  ["colour <> 'blue'"],
  ["colour != 'blue'"],
  ["colour IN ('blue', 'red')"],
  ["colour NOT IN ('blue')"],
  ["sys.Label LIKE 'order.%'"],
  ["sys.Subject LIKE 'order_created'"],
  ["sys.MessageId = 'm-1'"],
  ["colour NOT LIKE 'b%'"],
  ["percent LIKE '100!%' ESCAPE '!'"],
  ['missing IS NULL'],
  ['colour IS NOT NULL'],
  ['sys.SessionId IS NULL'],
  ['EXISTS(colour)'],
  ['NOT EXISTS(missing)'],
  ['[two words] = 1'],
  ["\"it's\" = 'quoted'"],
  ["(colour = 'blue' OR weight = 3) AND urgent"],
  ["colour = 'blue' OR colour = 'green' OR weight = 3"],
  ['missing = 1 OR weight = 3'],
])('matches: %s', (text) => {
  expect(compileSql(text)(FACTS)).toBe(true);
});

test.each([
  ['1=0'],
  ['FALSE'],
  ["colour = 'blue'"],
  ['colour = 3'],
  ['missing = 1'],
  ['NOT missing = 1'],
  ['missing <> 1'],
  ['missing IN (1)'],
  ['missing NOT IN (1)'],
  ["weight > '2'"],
  ['weight / 0 = 1'],
  ["colour LIKE 'RED'"],
  ["weight LIKE '3'"],
  ["sys.Label LIKE 'order'"],
  ["percent LIKE '100!_' ESCAPE '!'"],
  ['missing = 1 AND weight = 3'],
  ['EXISTS(missing)'],
  ['weight = 3 AND NOT urgent'],
])('does not match: %s', (text) => {
  expect(compileSql(text)(FACTS)).toBe(false);
});

test.each([
  [''],
  ['weight >'],
  ['= 3'],
  ['weight = = 3'],
  ['(weight = 3'],
  ['weight = 3)'],
  ['newid() = 1'],
  ['sys.Nothing = 1'],
  ['other.weight = 1'],
  ['weight BETWEEN 1 AND 3'],
  ['colour LIKE weight'],
  ['EXISTS(3)'],
  ['weight = #3'],
  ["'open"],
  ['x IS 3'],
  ['x NOT 3'],
  ['a'.repeat(1_025)],
])('refuses: %s', (text) => {
  expect(() => compileSql(text)).toThrow(/SQL filter/);
});
