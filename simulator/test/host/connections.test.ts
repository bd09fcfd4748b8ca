import { readConnectionSettings } from '../../host/servicebus/connections.ts';

const NAMES = ['BUS', 'AzureWebJobsBUS', 'BUS__fullyQualifiedNamespace', 'BUS__clientId'];
afterEach(() => {
  for (const name of NAMES) Reflect.deleteProperty(process.env, name);
});

const IDENTITY = { BUS__fullyQualifiedNamespace: 'lifeboat.servicebus.windows.net' };

test.each([
  ['a connection string', { BUS: 'string' }, { connectionString: 'string' }],
  [
    'a connection string under a name with the prefix that Azure looks for first',
    { AzureWebJobsBUS: 'first', BUS: 'second' },
    { connectionString: 'first' },
  ],
  [
    'a namespace, reached with the identity of the app',
    IDENTITY,
    { namespace: 'lifeboat.servicebus.windows.net', clientId: undefined },
  ],
  [
    'a namespace, reached with an identity of the user',
    { ...IDENTITY, BUS__clientId: 'id' },
    { namespace: 'lifeboat.servicebus.windows.net', clientId: 'id' },
  ],
  ['the string, when there are both', { ...IDENTITY, BUS: 'string' }, { connectionString: 'string' }],
])('a connection is %s', (_name, settings, way) => {
  Object.assign(process.env, settings);
  expect(readConnectionSettings('BUS', 'a')).toEqual(way);
});
