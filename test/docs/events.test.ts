// docs/events.md tells of each event that there is, and shows what is really sent.
import { News } from '../../shared/domain/news.ts';
import { DOCUMENTED, mustBeDocumented } from '../support/documented.ts';
import { examples } from '../support/event-examples.ts';

beforeAll(() => {
  Object.assign(process.env, {
    LIFEBOAT_COSMOS_ENDPOINT: 'https://cosmos.example', LIFEBOAT_TENANT_ID: 't', LIFEBOAT_AUDIENCE: 'a', LIFEBOAT_ADDRESS: '',
    LIFEBOAT_VAULTS: '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v',
  });
});

test('[TRG-5] the events that are documented are those that there are, each once', () => {
  expect(DOCUMENTED.map(({ type }) => type).sort()).toEqual([...Object.values(News), 'lifeboat.test'].sort());
});

test('[TRG-5] each example is what is sent, byte for byte, and each field of it is told', () => {
  const sent = new Map(examples().map((event) => [event.type, event]));
  expect(sent.size).toBe(Object.values(News).length);
  for (const { type, example } of DOCUMENTED.filter((one) => one.example !== null)) expect(JSON.stringify(example)).toBe(JSON.stringify(sent.get(type as News)));
  expect(DOCUMENTED.filter(({ example }) => example === null).map(({ type }) => type)).toEqual(['lifeboat.test']);
  mustBeDocumented([...sent.values()]);
});
