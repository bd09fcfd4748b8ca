// GUIDs and tails name resources in Azure: another value would name another resource.
import fc from 'fast-check';
import { guidOf, shortHash } from '../../../shared/core/hash.ts';

const VM = '/subscriptions/1/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web|1';

test.each([
  ['', 'b28bd581-a983-5f52-8b2d-5eb0026ba095', 'da39a3'],
  ['lifeboat', 'e95786f5-c31c-5548-a5d9-d4ca1b9f2fc7', '98a308'],
  [VM, '51d077e4-ebec-57d1-a73a-ed6b6794c2d4', 'c1b161'],
  ['Köln €😀', 'a1ef84b7-a0af-5275-9a2b-d5cec2499c69', '845ad6'],
  ['\ud800', '253263fe-ba8d-5931-847f-356047a78030', '9bdb77'],
  ['a'.repeat(300), 'b7db8e47-06ce-587e-9b3c-f0dfb92fd8e3', '003ef1'],
])('%j always gives the same GUID and the same tail [A2A-20]', (text, guid, end) => {
  expect([guidOf(text), shortHash(text)]).toEqual([guid, end]);
});

test('different texts give different GUIDs of version 5 [A2A-20]', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      expect(guidOf(text)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(guidOf(text) === guidOf(other)).toBe(text === other);
    }),
  );
});

test('a tail does not depend on the case of letters', () => {
  expect(shortHash('Shop-Web')).toBe(shortHash('shop-web'));
});
