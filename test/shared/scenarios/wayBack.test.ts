// The way of a reprotect of a VMware VM: servers, datastore and policy, in both directions.
import { chooseWay, type WayFacts } from '../../../shared/scenarios/vmwareToAzure/reprotect.ts';

const appliance = (name: string, more: Partial<WayFacts['writers'][number]> = {}) => ({
  id: `id-${name}`,
  name,
  connected: true,
  datastores: ['fast'],
  retentionDrive: null,
  ...more,
});
const host = (name: string, connected = true) => ({
  id: `host-${name}`,
  name,
  connected,
  lastHeartbeat: null,
  providerVersion: null,
  agentVersion: null,
});
const WAY: WayFacts = {
  hosts: [host('one'), host('two')],
  writers: [appliance('one'), appliance('two', { datastores: ['large'] })],
  policies: [
    { id: '/policies/daily', form: 'InMageRcm' },
    { id: '/policies/daily-failback', form: 'InMageRcmFailback' },
  ],
};
const HOME = { form: 'InMageRcm', usedServer: 'one', logStorageAccountId: '/logs', wayBack: {} } as const;
const BACK = { ...HOME, form: 'InMageRcmFailback', logStorageAccountId: null } as const;
const missingOf = (way: WayFacts, request: Parameters<typeof chooseWay>[1] = HOME): string => {
  const found = chooseWay(way, request);
  return 'missing' in found ? found.missing.join(' ') : 'nothing';
};

test('a reprotect home takes the failback policy, and the appliance of the VM with its datastore [V2A-8]', () => {
  expect(chooseWay(WAY, HOME)).toEqual({
    target: {
      serverId: 'host-one',
      writerId: 'id-one',
      datastore: 'fast',
      retentionDrive: null,
      logStorageAccountId: '/logs',
      accountId: null,
      policyId: '/policies/daily-failback',
    },
  });
  const named = chooseWay(WAY, { ...HOME, wayBack: { server: 'TWO', datastore: 'large', account: '7' } });
  expect(named).toMatchObject({ target: { writerId: 'id-two', datastore: 'large', accountId: '7' } });
});

test('a reprotect to Azure takes the policy to Azure, and no datastore [V2A-8]', () => {
  expect(chooseWay(WAY, { ...BACK, wayBack: { server: 'two' } })).toEqual({
    target: {
      serverId: 'host-two',
      writerId: null,
      datastore: null,
      retentionDrive: null,
      logStorageAccountId: null,
      accountId: null,
      policyId: '/policies/daily',
    },
  });
});

test('each missing part of the way is named [V2A-8]', () => {
  expect(missingOf(WAY)).toBe('nothing');
  expect(missingOf({ ...WAY, policies: [] })).toContain('No failback policy is mapped');
  expect(missingOf({ ...WAY, policies: [] }, BACK)).toContain('No policy to Azure is mapped');
  const silent = { ...WAY, writers: [appliance('one', { connected: false }), appliance('two')] };
  expect(missingOf(silent)).toContain('one has no contact with Site Recovery. Start it, or name another');
  expect(missingOf(silent)).toContain('"wayBack": two');
  expect(missingOf({ ...WAY, hosts: [host('one', false), host('two')] }, BACK)).toContain(
    'passes the changes on one has no contact',
  );
  expect(missingOf(WAY, { ...HOME, wayBack: { server: 'three' } })).toContain('by the name "three"');
  expect(missingOf(WAY, { ...HOME, wayBack: { datastore: 'large' } })).toContain('no datastore "large"');
  expect(missingOf({ ...WAY, writers: [appliance('one', { datastores: [] })] })).toContain(
    'one reaches no datastore',
  );
  expect(missingOf({ hosts: [], writers: [], policies: [] }).match(/is registered|is mapped/g)).toHaveLength(
    3,
  );
});
